import Foundation
import Synchronization

/// The files and folders of incomplete results, which are deleted if the process ends early.
enum UnfinishedOutput {
  struct Paths {
    var files: Set<String> = []
    var folders: Set<String> = []
  }

  static let paths = Mutex(Paths())

  /// Deletes these files and folders. A folder that contains other files stays.
  static func remove() {
    paths.withLock { paths in
      for file in paths.files { unlink(file) }
      for folder in paths.folders { rmdir(folder) }
      paths = Paths()
    }
  }
}
