package mutant

// Primitives are mutants of transactions and of what goes by itself.
var Primitives = []Mutant{
	{
		Rule: "C11", Story: "a transaction that keeps its first half", File: "replica/tree/multi.go",
		Is: "			return decision{}, &call.PartError{Part: i + 1, Err: err}\n",
		Wrong: "			if i > 0 {\n				o.Parts = o.Parts[:i]\n				break\n			}\n" +
			"			return decision{}, &call.PartError{Part: i + 1, Err: err}\n", Red: seeds(100),
	},
	{
		Rule: "C11", Story: "a transaction that carries the names of its first part only", File: "replica/tree/multi.go",
		Is: "		d.names = append(d.names, one.names...)", Wrong: "		if i == 0 {\n			d.names = one.names\n		}",
		Red: seeds(100),
	},
	{
		Rule: "C1", Story: "a transaction that deletes leaves the session's own holds of the node",
		File: "client/session/delete.go", Is: "		for _, p := range o.Parts {\n",
		Wrong: "		for _, p := range o.Parts[:0] {\n",
		Red:   tests("client/session", "TestC1_OwnDeleteEndsTheHoldFirst"),
	},
}

func init() { Mutants = append(Mutants, Primitives...) }
