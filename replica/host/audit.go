package host

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/DeRuina/timberjack"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/master"
)

// Audit is where a replica writes a line of JSON for each deed: every change, lock, end of a session and
// act of an operator that it applies, and as master what it refuses. No File: nowhere.
type Audit struct {
	File string
	Size int64 // bytes from which on a new file is begun, in whole MiB
	Kept int   // older files
}

// deedsWaiting is how many wait to be written.
const deedsWaiting = 16 << 10

// audit writes on a goroutine of its own: a slow disk stops nobody. What finds the queue full, or cannot be
// written, is counted, in the metrics and in the file.
type audit struct {
	to     io.WriteCloser
	floor  cell.Zxid // applied deeds before this one stand in the file: a start applies some again
	queue  chan master.Deed
	stop   chan struct{}
	done   chan struct{}
	lost   atomic.Int64
	missed func(lines int64, why string)
}

// newAudit opens the file, so that what is wrong with it is said at the start; last is the end of the log
// as it is then. nil without a file.
func newAudit(c Audit, last cell.Zxid, missed func(lines int64, why string)) (*audit, error) {
	if c.File == "" {
		return nil, nil
	}
	floor, err := lastAudited(c.File)
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	a := &audit{floor: min(floor, last), missed: missed, queue: make(chan master.Deed, deedsWaiting),
		stop: make(chan struct{}), done: make(chan struct{}),
		to: &timberjack.Logger{Filename: c.File, MaxSize: int(max(1, c.Size>>20)), MaxBackups: max(1, c.Kept)}}
	go a.run()
	return a, nil
}

// lastAudited is the newest transaction that stands in the file; 0 in an empty one.
func lastAudited(path string) (cell.Zxid, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	const tail = 1 << 20
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, err
	}
	last := make([]byte, min(end, tail))
	if _, err := f.ReadAt(last, end-int64(len(last))); err != nil && err != io.EOF {
		return 0, err
	}
	var floor cell.Zxid
	for line := range bytes.Lines(last) {
		var l struct {
			Zxid    string
			Applied bool
		}
		if json.Unmarshal(line, &l) == nil && l.Applied {
			if z, err := cell.ParseZxid(l.Zxid); err == nil {
				floor = max(floor, z)
			}
		}
	}
	return floor, nil
}

// unaudited says that lines of the audit are missing.
func (h *Host) unaudited(lines int64, why string) {
	h.metrics.unaudited.Add(float64(lines))
	h.refusals.say(fmt.Sprintf("%d lines of the audit are lost: %s", lines, why))
}

// note is called by the loop, and never waits.
func (a *audit) note(all []master.Deed) {
	if a == nil {
		return
	}
	for i := range all {
		if all[i].Applied && all[i].Zxid < a.floor {
			continue
		}
		select {
		case a.queue <- all[i]:
		default:
			a.lost.Add(1)
		}
	}
}

func (a *audit) run() {
	defer close(a.done)
	for {
		select {
		case d := <-a.queue:
			a.write(&d)
		case <-a.stop:
			for len(a.queue) > 0 {
				d := <-a.queue
				a.write(&d)
			}
			a.own()
			_ = a.to.Close()
			return
		}
	}
}

// own says how many lines were lost since it last did.
func (a *audit) own() {
	if n := a.lost.Swap(0); n > 0 {
		a.missed(n, "the disk is too slow")
		a.put(&master.Deed{Time: time.Now().UnixNano(), Op: "lost", Detail: fmt.Sprintf("%d lines", n)})
	}
}

func (a *audit) write(d *master.Deed) {
	a.own()
	a.put(d)
}

func (a *audit) put(d *master.Deed) {
	line, err := json.Marshal(auditLine(d))
	if err == nil {
		_, err = a.to.Write(append(line, '\n'))
	}
	if err != nil {
		a.missed(1, err.Error())
	}
}

// line is a deed in the file. The order of the fields is the order there.
type line struct {
	Time      string  `json:"time"`
	Principal *string `json:"principal"`
	Identity  *string `json:"identity"`
	Address   *string `json:"address"`
	Session   *string `json:"session"`
	Call      *uint64 `json:"call"`
	Op        string  `json:"op"`
	Name      *string `json:"name"`
	Outcome   string  `json:"outcome"`
	Zxid      *string `json:"zxid"`
	Applied   bool    `json:"applied"`
	Detail    *string `json:"detail"`
}

func auditLine(d *master.Deed) *line {
	l := &line{Time: time.Unix(0, d.Time).UTC().Format(time.RFC3339Nano), Principal: known(d.Principal),
		Identity: known(d.Identity), Address: known(d.Address), Op: d.Op, Name: known(d.Name),
		Outcome: d.Code.String(), Applied: d.Applied, Detail: known(d.Detail)}
	if d.Session != 0 {
		l.Session = known(strconv.FormatUint(uint64(d.Session), 10))
	}
	if d.Call != 0 {
		l.Call = &d.Call
	}
	if d.Zxid != 0 {
		l.Zxid = known(d.Zxid.String())
	}
	return l
}

// known is null for what is not.
func known(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// close waits until what was queued is written, but not for a stuck disk.
func (a *audit) close() {
	if a == nil {
		return
	}
	close(a.stop)
	enough := time.NewTimer(lastLines)
	defer enough.Stop()
	select {
	case <-a.done:
	case <-enough.C:
		a.missed(int64(len(a.queue)), "the disk is stuck")
	}
}
