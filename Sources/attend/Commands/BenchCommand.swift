import ArgumentParser
import Benchmarks

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure the speed of attention, models and their parts on this machine.",
    discussion: """
      Each result is checked against another computation before it is timed; a wrong result ends the \
      run with exit status 1. Times are medians over runs after a warm-up. "of peak" is the fraction of \
      the sgemm peak in the first lines: the best speed of a matrix product of size \(PeakMeter.size) with \
      the same number of threads, measured after each row. "work MiB" is the memory that one run needs \
      beyond its inputs. A row that is slower with more threads is marked, and gets a warning on standard \
      error.

      attend bench operator
      attend bench operator --shape 12x64..8192x64 --threads 1,2 --plot speed.svg
      attend bench encoder --threads 1,2 --format json
      attend bench corpus sentences.txt
      attend bench generate --weights bfloat16,int8

      \(BenchReport.description)
      """,
    subcommands: [
      BenchOperatorCommand.self, BenchLayerCommand.self, BenchEncoderCommand.self,
      BenchCorpusCommand.self,
      BenchTokenizerCommand.self, BenchGenerateCommand.self, BenchGEMMCommand.self,
      BenchSearchCommand.self, BenchLoadCommand.self,
    ])
}
