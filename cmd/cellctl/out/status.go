package out

import (
	"fmt"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
)

type statusJSON struct {
	Cell      *string         `json:"cell"`
	Master    cell.ReplicaID  `json:"master"`
	Epoch     *cell.Epoch     `json:"epoch"`
	Replicas  []replicaStatus `json:"replicas"`
	LeaseLeft *float64        `json:"lease_left"`
	Sessions  *int            `json:"sessions"`
	Locks     *int            `json:"locks"`
}

type replicaStatus struct {
	ID     *cell.ReplicaID `json:"id"`
	Client *string         `json:"client"`
	Peer   *string         `json:"peer"`
	Role   string          `json:"role"`
	Epoch  *cell.Epoch     `json:"epoch"`
	Zxid   *string         `json:"zxid"`
	Lag    *int64          `json:"lag"`
	Error  *string         `json:"error"`
	Ends   *string         `json:"certificate_ends"`
}

func replicaOf(r client.ReplicaStatus) replicaStatus {
	why := r.Why
	if r.Err != nil {
		why = r.Err.Error()
	}
	return replicaStatus{
		ID: optional(r.ID), Client: optional(r.Client), Peer: optional(r.Peer), Role: r.Role,
		Epoch: optional(r.Epoch), Zxid: zxid(r.Zxid), Lag: known(r.Lag), Error: optional(why),
		Ends: instant(r.CertificateEnds),
	}
}

func statusOf(s client.Status) statusJSON {
	j := statusJSON{
		Cell: optional(s.Cell), Master: s.Master, Epoch: optional(s.Epoch),
		Replicas: make([]replicaStatus, len(s.Replicas)), LeaseLeft: seconds(s.LeaseLeft),
		Sessions: known(s.Sessions), Locks: known(s.Locks),
	}
	for i, r := range s.Replicas {
		j.Replicas[i] = replicaOf(r)
	}
	return j
}

// Status prints the cell replica by replica.
func (p Printer) Status(s client.Status) error { return p.one(statusOf(s), statusRows(s), "") }

// StatusLine prints the same, as one of many.
func (p Printer) StatusLine(s client.Status) error {
	if p.Format.Machine() {
		return p.line(statusOf(s))
	}
	return p.Status(s)
}

// LocksAgain prints locks as one of many pictures.
func (p Printer) LocksAgain(locks []client.LockInfo) error {
	if p.Format == JSON {
		p.Format = JSONL
	}
	return p.Locks(locks)
}

func statusRows(s client.Status) rows {
	table := rows{{"REPLICA", "CLIENTS", "PEERS", "ROLE", "EPOCH", "ZXID", "LAG", "SAYS"}}
	secure := slices.ContainsFunc(s.Replicas, func(r client.ReplicaStatus) bool { return !r.CertificateEnds.IsZero() })
	if secure {
		table[0] = append(table[0], "CERTIFICATE ENDS")
	}
	for _, r := range s.Replicas {
		j := replicaOf(r)
		id, epoch := "-", "-"
		if r.ID != 0 {
			id = fmt.Sprint(r.ID)
		}
		if r.Epoch != 0 {
			epoch = fmt.Sprint(r.Epoch)
		}
		table = append(table, []string{id, dash(j.Client), dash(j.Peer), r.Role, epoch, dash(j.Zxid), number(j.Lag),
			plainOf(j.Error)})
		if secure {
			last := len(table) - 1
			table[last] = append(table[last], moment(r.CertificateEnds))
		}
	}
	return append(table, []string{summary(s)})
}

func plainOf(s *string) string {
	if s == nil {
		return "-"
	}
	return plain(*s)
}

// summary is the line below the table.
func summary(s client.Status) string {
	answered := 0
	for _, r := range s.Replicas {
		if r.Err == nil {
			answered++
		}
	}
	who := "no master"
	if s.Master != 0 {
		who = fmt.Sprintf("master %d, epoch %d, lease left %s", s.Master, s.Epoch, span(s.LeaseLeft))
	}
	line := fmt.Sprintf("cell %s: %s; %d of %d replicas answered", plain(s.Cell), who, answered, len(s.Replicas))
	if s.Sessions >= 0 && s.Locks >= 0 {
		line += fmt.Sprintf("; %d sessions, %d locks held", s.Sessions, s.Locks)
	}
	return line
}
