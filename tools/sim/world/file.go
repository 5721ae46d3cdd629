package world

import "slices"

// File is a file as a crash sees it: what was synced is there, and of what was written since
// each piece may be there, torn, lost, or there while an earlier one is lost. Nothing that was
// synced is ever damaged by a crash.
type File struct {
	bytes   []byte // only ever appended to, or replaced: what was read of it stays as it was
	synced  []byte // the content at the last sync
	pending []piece
}

type piece struct {
	at    int
	bytes []byte
}

// Copy is the same file once more: what either writes the other never sees.
func (f *File) Copy() *File {
	c := *f
	c.bytes, c.pending = slices.Clip(c.bytes), slices.Clone(c.pending)
	return &c
}

// Bytes is what a reader sees now. The caller does not change it.
func (f *File) Bytes() []byte { return f.bytes }

// Append writes at the end.
func (f *File) Append(b []byte) {
	at := len(f.bytes)
	f.bytes = append(f.bytes, b...)
	f.pending = append(f.pending, piece{at, f.bytes[at:len(f.bytes):len(f.bytes)]})
}

// Truncate cuts the file; it is synced with the cut, as the callers always do.
func (f *File) Truncate(size int) {
	f.bytes = f.bytes[:size:size]
	f.Sync()
}

// Sync makes all of it durable.
func (f *File) Sync() { f.synced, f.pending = f.bytes, f.pending[:0] }

// damage counts what a crash did.
type damage struct{ lost, torn, holes int }

// Crash leaves what a power cut leaves. A kill of the process alone loses nothing that was
// written: the kernel has it.
func (f *File) Crash(d Dice, power bool) damage {
	var done damage
	if power && len(f.pending) > 0 {
		done = f.cut(d)
	}
	f.Sync()
	return done
}

func (f *File) cut(d Dice) damage {
	var done damage
	content := append([]byte(nil), f.synced...)
	end := 0
	for _, p := range f.pending {
		keep := len(p.bytes)
		switch d.Below(4) {
		case 0:
			keep, done.lost = 0, done.lost+1
		case 1:
			keep, done.torn = d.Below(len(p.bytes)+1), done.torn+1
		}
		if keep == 0 {
			continue
		}
		if p.at > len(content) {
			done.holes++
			content = append(content, make([]byte, p.at-len(content))...)
		}
		content = append(content[:p.at], p.bytes[:keep]...)
		end = len(content)
	}
	f.bytes = content[:max(end, len(f.synced))]
	return done
}
