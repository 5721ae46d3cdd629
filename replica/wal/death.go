package wal

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// A replica that dies in Apply leaves a note, so that it is not started into the same transaction again
// and again (B5). Who has a version that mends it removes the note.
const deathNote = "died"

// WriteDeath leaves the note, synced: at which transaction the replica died, and of what.
func WriteDeath(dir string, at cell.Zxid, why string) error {
	var d door
	text := fmt.Sprintf("transaction %v: %s\n", at, why)
	return d.replace(filepath.Join(dir, deathNote), []byte(text[:min(len(text), maxSmallFile)]))
}

// ReadDeath gives the refusal that such a note stands for; false when there is none.
func ReadDeath(dir string) (*record.Refusal, bool, error) {
	path := filepath.Join(dir, deathNote)
	text, ok, err := readSmall(path)
	if !ok || err != nil {
		return nil, false, err
	}
	return &record.Refusal{Reason: cell.ErrDied, What: strings.TrimSpace(string(text)),
		Remedy: "start a version that mends it, and remove " + path + "; or, if the other replicas are healthy, move " +
			"everything out of this data directory and start again: the replica is rebuilt from its peers"}, true, nil
}
