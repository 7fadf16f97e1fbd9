import Foundation
import Synchronization

/// Files and folders that the process has made for results which are not complete. They are deleted when
/// the process ends early.
enum UnfinishedOutput {
  struct Paths {
    var files: Set<String> = []
    var folders: Set<String> = []
  }

  static let paths = Mutex(Paths())

  /// Deletes them. A folder stays if something else has been put into it.
  static func remove() {
    paths.withLock { paths in
      for file in paths.files { unlink(file) }
      for folder in paths.folders { rmdir(folder) }
      paths = Paths()
    }
  }
}
