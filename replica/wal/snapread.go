package wal

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/zstd"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// Open reads a snapshot's encoding. io.EOF comes only after everything has been checked: what
// was read before another error must not be used. Errors of damage wrap record.ErrDamaged.
func (s *Snapshots) Open(m record.Mark) (io.ReadCloser, error) {
	return s.openAt(s.path(m, suffixSnap), m)
}

func (s *Snapshots) openAt(path string, m record.Mark) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := s.decoder(f, m)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("snapshot %v: %w", m, err), f.Close())
	}
	return r, nil
}

// Verify reads a snapshot back from the disk, whole: every byte of the file and every byte of
// the encoding.
func (s *Snapshots) Verify(m record.Mark) error {
	if err := s.verifyFile(s.path(m, suffixSnap), m); err != nil {
		return fmt.Errorf("snapshot %v: %w", m, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.verified[m] = true
	return nil
}

func (s *Snapshots) verifyFile(path string, m record.Mark) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	cold(f)
	if err := s.check(f, m); err != nil {
		return errors.Join(err, f.Close())
	}
	r, err := s.decoder(f, m)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	_, err = io.Copy(io.Discard, r)
	return errors.Join(err, r.Close())
}

// checkFile checks every byte of a file without decoding it.
func (s *Snapshots) checkFile(path string, m record.Mark) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(s.check(f, m), f.Close())
}

func (s *Snapshots) check(f *os.File, m record.Mark) error {
	trailer, size, err := s.ends(f, m)
	if err != nil {
		return err
	}
	const unsummed = 4 + 4
	sum := &summed{w: io.Discard}
	if _, err := io.Copy(sum, io.NewSectionReader(f, 0, size-unsummed)); err != nil {
		return err
	}
	if sum.sum != trailer.FileSum {
		return fmt.Errorf("%w: the file does not have its sum", record.ErrDamaged)
	}
	return nil
}

// ends reads header and trailer and checks that the file is what its name says.
func (s *Snapshots) ends(f *os.File, m record.Mark) (record.SnapshotTrailer, int64, error) {
	var none record.SnapshotTrailer
	info, err := f.Stat()
	if err != nil {
		return none, 0, err
	}
	size := info.Size()
	if size < record.SnapshotHeaderBytes+record.SnapshotTrailerBytes || size > MaxSnapshotBytes {
		return none, 0, fmt.Errorf("%w: the file has %d bytes", record.ErrDamaged, size)
	}
	var head [record.SnapshotHeaderBytes]byte
	var tail [record.SnapshotTrailerBytes]byte
	_, err1 := f.ReadAt(head[:], 0)
	_, err2 := f.ReadAt(tail[:], size-int64(len(tail)))
	if err := errors.Join(err1, err2); err != nil {
		return none, 0, err
	}
	header, err := record.DecodeSnapshotHeader(head[:])
	if err != nil {
		return none, 0, err
	}
	if header.Mark != m {
		return none, 0, fmt.Errorf("%w: the file holds the snapshot %v", record.ErrDamaged, header.Mark)
	}
	if own := s.Cell(); own != (cell.CellID{}) && header.Cell != own {
		return none, 0, record.Foreign("the snapshot %v is of cell %v, this is cell %v", m, header.Cell, own)
	}
	trailer, err := record.DecodeSnapshotTrailer(tail[:], uint64(size))
	return trailer, size, err
}

func (s *Snapshots) decoder(f *os.File, m record.Mark) (*reader, error) {
	trailer, size, err := s.ends(f, m)
	if err != nil {
		return nil, err
	}
	if trailer.RawBytes > MaxSnapshotBytes {
		return nil, fmt.Errorf("%w: the encoding has %d bytes", record.ErrDamaged, trailer.RawBytes)
	}
	body := io.NewSectionReader(f, record.SnapshotHeaderBytes,
		size-record.SnapshotHeaderBytes-record.SnapshotTrailerBytes)
	z, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(window))
	if err != nil {
		return nil, err
	}
	return &reader{file: f, z: z, trailer: trailer}, nil
}

// reader counts and sums what it decodes, and never gives more than the trailer announced.
type reader struct {
	file    *os.File
	z       *zstd.Decoder
	trailer record.SnapshotTrailer
	bytes   uint64
	sum     uint32
}

func (r *reader) Read(b []byte) (int, error) {
	n, err := r.z.Read(b)
	r.bytes += uint64(n)
	r.sum = record.UpdateSum(r.sum, b[:n])
	switch {
	case r.bytes > r.trailer.RawBytes:
		return 0, fmt.Errorf("%w: the encoding has more than its %d bytes", record.ErrDamaged, r.trailer.RawBytes)
	case errors.Is(err, io.EOF) && (r.bytes != r.trailer.RawBytes || r.sum != r.trailer.RawSum):
		return 0, fmt.Errorf("%w: the encoding does not have its length and sum", record.ErrDamaged)
	case err != nil && !errors.Is(err, io.EOF):
		var path *os.PathError
		if errors.As(err, &path) {
			return 0, err
		}
		return 0, fmt.Errorf("%w: %w", record.ErrDamaged, err)
	}
	return n, err
}

// Close releases the file.
func (r *reader) Close() error {
	r.z.Close()
	return r.file.Close()
}
