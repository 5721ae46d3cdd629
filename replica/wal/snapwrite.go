package wal

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/zstd"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// summed counts and sums what passes through it.
type summed struct {
	w     io.Writer
	bytes uint64
	sum   uint32
}

func (s *summed) Write(b []byte) (int, error) {
	n, err := s.w.Write(b)
	s.bytes += uint64(n)
	s.sum = record.UpdateSum(s.sum, b[:n])
	return n, err
}

// Create writes the snapshot at m, which must be applied and durable in the log: write is
// called once with where the encoding goes. The snapshot is there, whole and synced, or not at
// all. ErrSuperseded when the history was changed meanwhile.
func (s *Snapshots) Create(m record.Mark, write func(io.Writer) error) error {
	cell.Assert(m.Index > 0, "a snapshot of nothing")
	s.mu.Lock()
	era := s.era
	s.mu.Unlock()
	if s.Cell() == (cell.CellID{}) {
		return fmt.Errorf("snapshot %v: the cell's id is not known yet", m)
	}
	path, err := s.beside(m, func(f *os.File) error { return s.encode(f, m, write) })
	if err != nil {
		return fmt.Errorf("snapshot %v: %w", m, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.era != era {
		return errors.Join(fmt.Errorf("snapshot %v: %w", m, ErrSuperseded), s.door.remove(path))
	}
	delete(s.verified, m)
	return s.publish(path, s.path(m, suffixSnap))
}

// beside writes a file that does not count yet, and syncs it.
func (s *Snapshots) beside(m record.Mark, write func(*os.File) error) (path string, err error) {
	if err := s.door.step("create", s.dir); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(s.dir, fmt.Sprintf("%020d-*%s", m.Index, tmp))
	if err != nil {
		return "", err
	}
	if err = write(f); err == nil {
		if err = s.door.step("sync", f.Name()); err == nil {
			err = f.Sync()
		}
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// publish gives a finished file the name under which it counts.
func (s *Snapshots) publish(from, to string) error {
	if err := s.door.rename(from, to); err != nil {
		return errors.Join(err, os.Remove(from))
	}
	return s.door.syncDir(s.dir)
}

func (s *Snapshots) encode(f *os.File, m record.Mark, write func(io.Writer) error) error {
	buffered := bufio.NewWriterSize(f, 256<<10)
	file := &summed{w: buffered}
	if _, err := file.Write(record.EncodeSnapshotHeader(record.SnapshotHeader{Mark: m, Cell: s.Cell()})); err != nil {
		return err
	}
	raw, err := compress(file, write)
	if err != nil {
		return err
	}
	trailer := record.SnapshotTrailer{
		RawBytes: raw.bytes, RawSum: raw.sum, FileBytes: file.bytes + record.SnapshotTrailerBytes,
	}
	if _, err := file.Write(trailer.AppendSummed(nil)); err != nil {
		return err
	}
	trailer.FileSum = file.sum
	if _, err := file.Write(trailer.AppendEnd(nil)); err != nil {
		return err
	}
	return buffered.Flush()
}

func compress(to io.Writer, write func(io.Writer) error) (*summed, error) {
	z, err := zstd.NewWriter(to, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(window), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, err
	}
	raw := &summed{w: z}
	if err := write(raw); err != nil {
		return nil, errors.Join(err, z.Close())
	}
	return raw, z.Close()
}
