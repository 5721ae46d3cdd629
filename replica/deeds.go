package replica

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/master"
)

// noteGap notes for the audit that transactions came here in a snapshot, up to one.
func (r *Replica) noteGap(upTo cell.Zxid, eff *Effects) {
	if r.config.Audit {
		eff.Deeds = append(eff.Deeds, master.Deed{Op: "gap", Zxid: upTo, Applied: true, Detail: fmt.Sprintf(
			"what was applied after %v came in a snapshot: other replicas have its lines", r.tree.Mark().Zxid)})
	}
}

// noteDenied notes who was denied a read here: at each replica its own.
func (r *Replica) noteDenied(at Moment, by asker, op string, a call.Ask, reply *call.QueryReply, eff *Effects) {
	if r.config.Audit {
		eff.Deeds = append(eff.Deeds, master.Deed{Time: at.Wall, Principal: by.principal, Address: by.address, Op: op,
			Name: master.NameOf(a), Code: reply.Code, Zxid: reply.Zxid, Detail: reply.Message})
	}
}

// noteReplace notes who has asked for a change of members, and was heard or refused.
func (r *Replica) noteReplace(at Moment, x FromClient, a *call.Replace, reply *call.QueryReply, eff *Effects) {
	if r.config.Audit {
		eff.Deeds = append(eff.Deeds, master.Deed{Time: at.Wall, Principal: x.Principal, Address: x.Address,
			Op: "member_replace", Code: reply.Code, Zxid: reply.Zxid,
			Detail: fmt.Sprintf("replica %d by %d at %s %s", a.Old, a.New.ID, a.New.Client, reply.Message)})
	}
}
