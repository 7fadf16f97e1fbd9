import Foundation
import Fuzzing

// Runs a fuzz target:
//
//   FuzzDriver TARGET FILE …   prints the outcome for each file
//   FuzzDriver TARGET --stream prints the outcome for each record of standard input: four bytes with the
//                              length, little-endian, then the input
//
// If compiled with -DFUZZER -sanitize=fuzzer, runs libFuzzer with the target in the environment variable
// FUZZ_TARGET; see Scripts/fuzz.
#if FUZZER
  try Fuzzer.run()
#else
  try Replay.run(Array(CommandLine.arguments.dropFirst()))
#endif
