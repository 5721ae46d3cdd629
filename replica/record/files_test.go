package record

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
)

var someHard = HardState{
	Incarnation: 0xFEED, Boot: 7, Standing: Voter, AcceptedEpoch: 9, AcceptedFrom: 3, CurrentEpoch: 8,
	LongestPromise: 600_000_000, ListCommitted: 11, Begun: true, Quarantined: true,
	Seen: []Seen{{1, 0xA, 4}, {2, 0xB, 1 << 40}},
}

var (
	someBirth = Birth{Cell: cell.CellID{1, 2, 15: 9}, Name: "local", Replica: 4}
	founded   = Birth{Cell: cell.CellID{1, 2, 15: 9}, Name: "local", Replica: 4, Admin: "spiffe://x/ä"}
)

var someCurrent = Current{Log: 3, Salt: 77, Base: Mark{12, cell.MakeZxid(2, 5)}, Installing: true, Emptied: true}

var someHeader = SnapshotHeader{Mark: Mark{12, cell.MakeZxid(2, 5)}, Cell: cell.CellID{5}}

// files are the sealed files: their bytes, and a decoder that says whether they are accepted.
var files = map[string]struct {
	bytes  []byte
	decode func([]byte) (any, error)
	want   any
}{
	"hard":     {EncodeHard(someHard), as(DecodeHard), someHard},
	"birth":    {EncodeBirth(someBirth), as(DecodeBirth), someBirth},
	"current":  {EncodeCurrent(someCurrent), as(DecodeCurrent), someCurrent},
	"snapshot": {EncodeSnapshotHeader(someHeader), as(DecodeSnapshotHeader), someHeader},
}

func as[T any](decode func([]byte) (T, error)) func([]byte) (any, error) {
	return func(b []byte) (any, error) { return decode(b) }
}

func TestFilesComeBackAsTheyWere(t *testing.T) {
	for name, f := range files {
		got, err := f.decode(f.bytes)
		require.NoError(t, err, name)
		require.Equal(t, f.want, got, name)
	}
}

func TestZ12_NoFlippedBitOfAFileIsBelieved(t *testing.T) {
	for name, f := range files {
		for bit := range len(f.bytes) * 8 {
			bad := append([]byte(nil), f.bytes...)
			bad[bit/8] ^= 1 << (bit % 8)
			_, err := f.decode(bad)
			require.ErrorIs(t, err, ErrDamaged, "%s bit %d", name, bit)
		}
		for cut := range f.bytes {
			_, err := f.decode(f.bytes[:cut])
			require.ErrorIs(t, err, ErrDamaged, "%s cut at %d", name, cut)
		}
		_, err := f.decode(append(append([]byte(nil), f.bytes...), 0))
		require.ErrorIs(t, err, ErrDamaged, name)
	}
}

func TestZ16_TheFirstByteOfAFileIsItsFormat(t *testing.T) {
	for name, f := range files {
		newer := append([]byte(nil), f.bytes[:len(f.bytes)-4]...)
		require.Equal(t, byte(cell.Format), newer[0], name)
		newer[0]++
		sum := UpdateSum(0, newer)
		newer = append(newer, byte(sum), byte(sum>>8), byte(sum>>16), byte(sum>>24))
		_, err := f.decode(newer)
		require.ErrorIs(t, err, ErrNewer, name)
		require.ErrorContains(t, err, Upgrade, name)
	}
}

func TestOneFileIsNotTakenForAnother(t *testing.T) {
	for name, f := range files {
		for other, g := range files {
			if name == other {
				continue
			}
			_, err := f.decode(g.bytes)
			require.ErrorIs(t, err, ErrDamaged, "%s for %s", other, name)
		}
	}
}

func TestASnapshotTrailerKnowsTheFilesLength(t *testing.T) {
	want := SnapshotTrailer{RawBytes: 5, RawSum: 6, FileBytes: 100, FileSum: 7}
	b := want.AppendEnd(want.AppendSummed(nil))
	got, err := DecodeSnapshotTrailer(b, 100)
	require.NoError(t, err)
	require.Equal(t, want, got)
	_, err = DecodeSnapshotTrailer(b, 99)
	require.ErrorIs(t, err, ErrDamaged)
	b[len(b)-1]++
	_, err = DecodeSnapshotTrailer(b, 100)
	require.ErrorIs(t, err, ErrDamaged)
	_, err = DecodeSnapshotTrailer(nil, 0)
	require.ErrorIs(t, err, ErrDamaged)
}

func TestZ11_WhatIsConcludedFromWhatWasFound(t *testing.T) {
	m5, m9 := Mark{5, cell.MakeZxid(1, 5)}, Mark{9, cell.MakeZxid(2, 1)}
	begun := HardState{Begun: true}
	const emptied = -1
	log := Report{First: 6, Last: m9, Epochs: []EpochEnd{{2, m9}}}
	cases := []struct {
		name   string
		hard   HardState
		had    bool
		report Report
		base   Mark
		want   Summary
		err    error
	}{
		{"the first start", HardState{}, false, Report{First: 1}, Mark{}, Summary{First: 1}, nil},
		{"started, nothing logged", HardState{Boot: 1}, true, Report{First: 1}, Mark{}, Summary{First: 1}, nil},
		{"logged, begun not yet said", HardState{}, true, Report{First: 1, Last: m5, Epochs: []EpochEnd{{1, m5}}}, Mark{},
			Summary{First: 1, Last: m5, Epochs: []EpochEnd{{1, m5}}}, nil},
		{"a snapshot and an empty log", begun, true, Report{First: 6}, m5,
			Summary{Snapshot: m5, First: 6, Last: m5, Epochs: []EpochEnd{{1, m5}}}, nil},
		{"a snapshot and a log", begun, true, log, m5,
			Summary{Snapshot: m5, First: 6, Last: m9, Epochs: []EpochEnd{{1, m5}, {2, m9}}}, nil},
		{"history has begun and is gone", begun, true, Report{First: 1}, Mark{}, Summary{}, ErrLost},
		{"history without a hard state", HardState{}, false, log, m5, Summary{}, ErrLost},
		{"cut down to nothing", begun, true, Report{First: 1, Keep: emptied}, Mark{}, Summary{First: 1}, nil},
		{"a log without its snapshot", begun, true, log, Mark{}, Summary{}, ErrLost},
		{"a snapshot too old for the log", begun, true, log, Mark{4, 4}, Summary{}, ErrLost},
		{"a log that ends before its snapshot", begun, true, Report{First: 1, Last: m5}, m9, Summary{}, ErrDamaged},
		{"an empty log before its snapshot", begun, true, Report{First: 1}, m9, Summary{}, ErrDamaged},
		{"no segment at all", begun, true, Report{}, m9, Summary{}, ErrLost},
	}
	for _, c := range cases {
		got, err := Conclude(Found{c.hard, c.had, c.report.Keep == emptied, c.report, c.base})
		require.ErrorIs(t, err, c.err, c.name)
		require.Equal(t, c.want, got, c.name)
		if c.err != nil {
			require.ErrorContains(t, err, Rebuild, c.name)
		}
	}
}

func TestB1_ABirthRecordNamesTheFirstAdministrator(t *testing.T) {
	b, err := DecodeBirth(EncodeBirth(founded))
	require.NoError(t, err)
	require.Equal(t, founded, b)
	nameless := founded
	nameless.Name, nameless.Admin = founded.Name+"\x00", ""
	_, err = DecodeBirth(EncodeBirth(nameless))
	require.ErrorIs(t, err, ErrDamaged)
}
