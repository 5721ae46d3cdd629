package tree

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// need is a right to a node that something asked for takes: any of rights will do. absent is what it
// takes of the deepest node above, when there is none of that name.
type need struct {
	name           cell.Name
	rights, absent cell.Rights
}

// needs are the rights that one thing takes, all of them; the first without rights ends the list.
type needs [3]need

// known are the rights that tell what is not there: whoever lists a node, or may make something in
// it, can find out.
const known = cell.MayRead | cell.MayWrite

// needsOf is the table of who may do what: the rights that an op, a part of a Txn or a question takes.
// What it does not name takes none: it gives back what is one's own, or is answered with what the asker
// may see (Locks of many, Sessions, Revalidate). The parts of a Txn are decided one by one.
func needsOf(asked any) needs {
	switch a := asked.(type) {
	case *call.Create:
		return toMake(a)
	case *call.Write:
		return needs{{a.Name, cell.MayWrite, whenAbsent(a.OrCreate)}, ofProof(a.IfHeld)}
	case *call.Delete:
		parent, ok := a.Name.Parent()
		if !ok {
			return needs{} // the root is never deleted
		}
		return needs{{a.Name, cell.MayWrite, known}, {parent, cell.MayWrite, known}, ofProof(a.IfHeld)}
	case *call.Acquire:
		return needs{{a.Name, cell.MayWrite, whenAbsent(a.Create)}, ofProof(a.IfHeld)}
	case *call.SetACL:
		return needs{{a.Name, cell.MayChange, known}, ofProof(a.IfHeld)}
	case *call.Check:
		return needs{{a.Name, cell.MayRead, known}}
	case *call.CheckSequencer:
		return needs{ofProof(&a.Sequencer)}
	case *call.Break, *call.Kill, *call.Set, *call.StepDown, *call.Replace:
		return needs{{rights: cell.MayAdminister}}
	}
	return needsOfAsk(asked)
}

func needsOfAsk(asked any) needs {
	switch a := asked.(type) {
	case *call.Read:
		return toRead(a)
	case *call.List:
		return needs{{a.Name, cell.MayRead, known}}
	case *call.Watch:
		if a.From == 0 { // one that goes on shows what may be seen, from where it was
			return needs{{a.Name, cell.MayRead, known}}
		}
	case *call.Locks:
		if a.One {
			return needs{{a.Prefix, known, known}}
		}
	case *call.RightsAsk:
		if a.Principal == "" {
			return needs{{a.Name, known | cell.MayChange, known}}
		}
		return needs{{a.Name, cell.MayChange, known}}
	}
	return needs{}
}

// toMake: what is made changes its parent. The directory of the ACLs is made by an administrator.
func toMake(a *call.Create) needs {
	parent, base, err := a.Target()
	switch {
	case err != nil || parent == "":
		return needs{} // refused as nonsense, or as what is always there
	case parent.IsRoot() && parent+"/"+cell.Name(base) == cell.ACLDirectory(parent.Cell()):
		return needs{{rights: cell.MayAdminister}, ofProof(a.IfHeld)}
	}
	return needs{{parent, cell.MayWrite, cell.MayWrite}, ofProof(a.IfHeld)}
}

// toRead: a Read that opens a handle takes the rights of the handle's uses too.
func toRead(a *call.Read) needs {
	all, n := needs{{a.Name, cell.MayRead, known}}, 1
	if a.Open && a.Mode&(call.HandleWrites|call.HandleLocks) != 0 {
		all[n] = need{a.Name, cell.MayWrite, known}
		n++
	}
	if a.Open && a.Mode&call.HandleACL != 0 {
		all[n] = need{a.Name, cell.MayChange, known}
	}
	return all
}

// ofProof: a sequencer is shown to who may see its node, or take its lock.
func ofProof(q *cell.Sequencer) need {
	if q == nil {
		return need{}
	}
	return need{q.Name, known, known}
}

func whenAbsent(made bool) cell.Rights {
	if made {
		return cell.MayWrite
	}
	return known
}
