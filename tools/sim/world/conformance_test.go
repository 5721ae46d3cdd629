package world

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/wal/waltest"
)

// TestDiskConforms: the simulated disk keeps the same promises as the real one, by the same
// suite, also when a crash tears, loses and reorders what was not synced.
func TestDiskConforms(t *testing.T) {
	for _, power := range []bool{false, true} {
		t.Run(fmt.Sprintf("power cut %v", power), func(t *testing.T) {
			seed := uint64(0)
			waltest.Run(t, func(*testing.T) waltest.Machine {
				seed++
				d := NewDisk(NewDice(seed), record.Birth{Name: "local", Replica: 1})
				d.Segment = 500
				return &diskMachine{d, power}
			})
		})
	}
}

type diskMachine struct {
	disk  *Disk
	power bool
}

func (m *diskMachine) Start() (waltest.Disk, record.Recovered, error) {
	r, err := m.disk.Open()
	return &diskPort{disk: m.disk}, r, err
}

func (m *diskMachine) Crash() { m.disk.Crash(m.power) }

// diskPort is the simulated disk behind the port of the suite: an assertion there is an error
// here, and the first is final.
type diskPort struct {
	disk  *Disk
	first error
}

func (p *diskPort) do(f func()) error {
	if p.first != nil {
		return p.first
	}
	defer func() {
		if x := recover(); x != nil {
			p.first = fmt.Errorf("%v", x)
		}
	}()
	f()
	return nil
}

// try is do with the error that f ended in: the deferred assignment comes after do's return.
func (p *diskPort) try(f func()) error {
	_ = p.do(f) // what counts is the first error
	return p.first
}

func (p *diskPort) Append(rs []record.Record) error { return p.try(func() { p.disk.Append(rs) }) }
func (p *diskPort) Sync() error                     { return p.try(p.disk.Sync) }
func (p *diskPort) Compact(below uint64) error      { return p.try(func() { p.disk.Compact(below) }) }
func (p *diskPort) Close() error                    { return nil }

func (p *diskPort) SaveHard(h record.HardState) error {
	return p.try(func() {
		p.disk.BeginSave(h)
		p.disk.EndSave()
	})
}

func (p *diskPort) TruncateAfter(index uint64) error {
	return p.try(func() {
		for _, step := range p.disk.TruncateSteps(index) {
			step()
		}
	})
}

func (p *diskPort) Read(from uint64, records, most int) ([]record.Record, error) {
	if p.first != nil {
		return nil, p.first
	}
	rs := p.disk.Read(from, most)
	if len(rs) == 0 && from <= p.disk.Last().Index {
		return nil, errors.New("the log does not go back that far")
	}
	return rs[:min(records, len(rs))], nil
}

func (p *diskPort) Install(m record.Mark) error {
	if p.first == nil {
		p.first = p.disk.Install(m)
		if p.first != nil {
			err := p.first
			p.first = nil // nothing was touched
			return err
		}
	}
	return p.first
}

func (p *diskPort) Create(m record.Mark, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	if !p.disk.Create(m, b.Bytes()) {
		return errors.New("the history has changed")
	}
	return nil
}

func (p *diskPort) find(m record.Mark) ([]byte, error) {
	for _, s := range p.disk.shots {
		if s.Mark == m {
			return s.Raw, nil
		}
	}
	return nil, errNoSnapshot(m)
}

func (p *diskPort) Open(m record.Mark) (io.ReadCloser, error) {
	raw, err := p.find(m)
	return io.NopCloser(bytes.NewReader(raw)), err
}

func (p *diskPort) OpenRaw(m record.Mark) (io.ReadCloser, int64, error) {
	raw, err := p.find(m)
	file := binary.LittleEndian.AppendUint32(bytes.Clone(raw), record.UpdateSum(0, raw))
	return io.NopCloser(bytes.NewReader(file)), int64(len(file)), err
}

func (p *diskPort) Receive(m record.Mark, r io.Reader) error {
	file, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	n := max(len(file)-4, 0)
	if len(file) < 4 || binary.LittleEndian.Uint32(file[n:]) != record.UpdateSum(0, file[:n]) {
		return record.Damaged("the snapshot %v is not whole", m)
	}
	p.disk.Receive(m, file[:n])
	return nil
}

func (p *diskPort) Verify(m record.Mark) error {
	_, err := p.find(m)
	return err
}

func (p *diskPort) Prune(keep int) error {
	p.disk.Prune(keep)
	return nil
}

func (p *diskPort) List() ([]record.Mark, error) {
	var marks []record.Mark
	for i := len(p.disk.shots) - 1; i >= 0; i-- {
		marks = append(marks, p.disk.shots[i].Mark)
	}
	return marks, nil
}
