package world

// File is a file as a crash sees it: what was synced is there, and of what was written since
// each piece may be there, torn, lost, or there while an earlier one is lost. Nothing that was
// synced is ever damaged by a crash.
type File struct {
	bytes   []byte
	synced  []byte // the content at the last sync
	pending []piece
}

type piece struct {
	at    int
	bytes []byte
}

// Bytes is what a reader sees now. The caller does not change it.
func (f *File) Bytes() []byte { return f.bytes }

// Append writes at the end.
func (f *File) Append(b []byte) {
	f.pending = append(f.pending, piece{len(f.bytes), append([]byte(nil), b...)})
	f.bytes = append(f.bytes[:len(f.bytes):len(f.bytes)], b...)
}

// Truncate cuts the file; it is synced with the cut, as the callers always do.
func (f *File) Truncate(size int) {
	f.bytes = f.bytes[:size:size]
	f.Sync()
}

// Sync makes all of it durable.
func (f *File) Sync() { f.synced, f.pending = f.bytes, nil }

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
