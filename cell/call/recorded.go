package call

import "github.com/leasehold/leasehold/cell"

// What the record of an answer takes, about: beside its parts, and for each of those beside its name.
// A sequential name is longer than was asked for.
const (
	recordBytes = 2 << 10
	partBytes   = 256
)

// RecordBytes is what the record of the answer to an op takes at the most; op may be of any kind.
func RecordBytes(op any) int {
	t, ok := op.(*Txn)
	if !ok {
		return recordBytes
	}
	size := recordBytes
	for _, p := range t.Parts {
		size += partBytes + SequenceDigits + len(nameOf(p))
	}
	return size
}

// Recorded is what the record of that answer takes.
func (r *Result) Recorded() int {
	size := recordBytes
	for i := range r.Parts {
		size += partBytes + len(r.Parts[i].Name)
	}
	return size
}

func nameOf(p Part) cell.Name {
	switch p := p.(type) {
	case *Create:
		return cell.Name(p.Name)
	case *Write:
		return p.Name
	case *Delete:
		return p.Name
	case *Check:
		return p.Name
	}
	return ""
}
