import ArgumentParser

struct BenchVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure how fast this machine computes attention, and what that is made of.",
    discussion: """
      Before a row is timed, its result is checked against the same by other means; one that is wrong \
      ends the run with exit status 1. Times are medians over repetitions after a warm-up. Speed \
      comes with its share of what this machine's matrix product reaches at \(PeakMeter.size) cubed \
      on the same threads, measured just before and after the row.

      attend bench operator
      attend bench operator --shape 12x64..8192x64 --threads 1,2 --plot speed.svg
      attend bench encoder --threads 1,2 --format json
      attend bench corpus sentences.txt
      attend bench generate --weights bfloat16,int8

      \(BenchReport.description)
      """,
    subcommands: [
      BenchOperatorVerb.self, BenchLayerVerb.self, BenchEncoderVerb.self, BenchCorpusVerb.self,
      BenchTokenizerVerb.self, BenchGenerateVerb.self, BenchGEMMVerb.self,
    ])
}
