package mutant

// Storage are mutants of the log on disk, and of the way to the socket.
var Storage = []Mutant{
	{
		Rule: "B2", Story: "what does not leave at once is lost", File: "cell/conn/prompt.go",
		Is: "	if sent < len(*batch) {", Wrong: "	if false {", Red: tests("cell/conn", "TestPushedFramesConform"),
	},
	{
		Rule: "L7", Story: "the answer to a KeepAlive waits for the end of a long reply", File: "cell/conn/outbox.go",
		Is: "	if q.divide && len(grown)-before > chunk {\n", Wrong: "	if false {\n",
		Red: tests("cell/conn", "TestAKeepAliveAnswerDoesNotWait"),
	},
	{
		Rule: "B1", Story: "pieces of a frame over the limit", File: "cell/wire/piece.go",
		Is: "	case size > j.limit:\n", Wrong: "	case false:\n", Red: tests("cell/wire", "TestB1_PiecesThatMakeNoFrame"),
	},
	{
		Rule: "B2", Story: "a sender that does not count the window", File: "cell/conn/watch.go",
		Is: "	stream.window -= int64(took)\n", Wrong: "", Red: tests("cell/conn", "TestTCPConforms"),
	},
	{
		Rule: "C10", Story: "who rests is not called at the connection's end", File: "cell/conn/guard.go",
		Is: "	g.reason = reason\n	g.watch.wakeAll()\n", Wrong: "	g.reason = reason\n",
		Red: tests("cell/conn", "TestWhoRestsIsCalled"),
	},
	{
		Rule: "L7", Story: "a receiver rests although something has come", File: "cell/conn/rest.go",
		Is: "|| of.came != s.taken {", Wrong: "{", Red: tests("cell/conn", "TestNobodyRestsBefore"),
	},
	{
		Rule: "Z12", Story: "room that is laid out over records", File: "replica/wal/room.go",
		Is: "	from := max(l.room.laid, l.tail)\n", Wrong: "	from := l.room.laid\n",
		Red: tests("replica/wal", "Z5|Z12|Disk|Segments"),
	},
	{
		Rule: "Z12", Story: "a segment whose room is left for the library to read as records", File: "replica/wal/room.go",
		Is: "		err = f.Truncate(int64(l.tail))\n", Wrong: "		err = nil\n", Red: tests("replica/wal", "Z5|Z12|Disk|Segments"),
	},
	{
		Rule: "Z12", Story: "a scan that takes zeros for room wherever they begin", File: "replica/record/scan.go",
		Is:    "func zeros(data []byte) bool { return len(bytes.TrimLeft(data, \"\\x00\")) == 0 }",
		Wrong: "func zeros(data []byte) bool { return len(data) > 0 && data[0] == 0 }", Red: tests("replica/record", "Z12"),
	},
	{
		Rule: "Z11", Story: "a segment begun before the name of the one before it is durable", File: "replica/wal/append.go",
		Is:    "	if err := l.begun(); err != nil {\n		return err\n	}\n",
		Wrong: "", Red: tests("replica/wal", "Z1|Z11"),
	},
	{
		Rule: "Z7", Story: "an installed snapshot before the answers that came before it", File: "replica/replica.go",
		Is:    "			r.batch = append(r.batch, zab.Persisted{Ticket: x.Ticket})\n",
		Wrong: "			r.batch = append([]zab.Input{zab.Persisted{Ticket: x.Ticket}}, r.batch...)\n",
		Red:   tests("replica", "Z7"),
	},
	{
		Rule: "Z1", Story: "a hard state that is written over its only durable copy", File: "replica/record/slots.go",
		Is: "return int(number % 2)", Wrong: "return int(number % 1)", Red: tests("replica/wal", "TestZ11_APowerFailure"),
	},
	{
		Rule: "Z1", Story: "both slots of the hard state are written before one is synced", File: "replica/wal/hard.go",
		Is:    "	if err := l.syncHard(); err != nil {\n		return err\n	}\n	return l.writeSlot(1-at, b)",
		Wrong: "	return l.writeSlot(1-at, b)", Red: tests("replica/wal", "TestZ1_EachStepIsSynced"),
	},
	{
		Rule: "Z1", Story: "a start that leaves a torn slot beside the one that is written next", File: "replica/wal/hard.go",
		Is: "err != nil || found.Alike {", Wrong: "err != nil || true {", Red: tests("replica/wal", "TestZ1_ASpoiltSlot"),
	},
}

func init() { Mutants = append(Mutants, Storage...) }
