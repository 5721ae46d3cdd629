package mutant

// Mutants are all wrong versions that are known.
var Mutants = []Mutant{}
