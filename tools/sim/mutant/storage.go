package mutant

// Storage are mutants of the log on disk.
var Storage = []Mutant{
	{
		Rule: "Z12", Story: "a segment whose room is left for the library to read as records", File: "replica/wal/room.go",
		Is: "		err = f.Truncate(int64(l.tail))\n", Wrong: "		err = nil\n", Red: tests("replica/wal", "Z5|Z12|Disk|Segments"),
	},
	{
		Rule: "Z12", Story: "a scan that takes zeros for room wherever they begin", File: "replica/record/scan.go",
		Is:    "func zeros(data []byte) bool { return len(bytes.TrimLeft(data, \"\\x00\")) == 0 }",
		Wrong: "func zeros(data []byte) bool { return len(data) > 0 && data[0] == 0 }", Red: tests("replica/record", "Z12"),
	},
}

func init() { Mutants = append(Mutants, Storage...) }
