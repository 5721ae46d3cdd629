package fence_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client/fence"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// A holder that was paused, and comes back after its lock has passed to another, is refused.
func ExampleGuard_Admit() {
	paused, err := cell.ParseSequencer("x:21474836522:21474836520:21474836487:/ls/local/app/leader")
	must(err)
	newer, err := cell.ParseSequencer("x:21474836611:21474836610:21474836487:/ls/local/app/leader")
	must(err)

	g := fence.New(1000)
	fmt.Println(g.Admit("invoices", paused))
	fmt.Println(g.Admit("invoices", newer))
	fmt.Println(errors.Is(g.Admit("invoices", paused), cell.ErrStaleSequencer))
	// Output:
	// <nil>
	// <nil>
	// true
}

// File is a Guard that remembers over restarts. Each sequencer that raised a mark is a line in a
// file, synced before Admit says yes; to open the file is to admit its lines once more.
type File struct {
	mu    sync.Mutex
	guard *fence.Guard
	file  *os.File
	err   error // what the file holds is not known any more: nobody is admitted
}

func openFile(path string) (*File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	f := &File{guard: fence.New(10_000), file: file}
	whole := int64(0)
	for in := bufio.NewReader(file); ; {
		line, err := in.ReadString('\n')
		if err != nil { // the end, or a line torn by a crash: nobody was told yes
			break
		}
		text, quoted, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		resource, bad := strconv.Unquote(quoted)
		q, err := cell.ParseSequencer(text)
		if err = errors.Join(err, bad); err != nil {
			return nil, fmt.Errorf("%s at byte %d: %w", path, whole, err)
		}
		_ = f.guard.Admit(resource, q) // it was admitted once: a newer line may stand before it
		whole += int64(len(line))
	}
	if err := file.Truncate(whole); err != nil {
		return nil, err
	}
	if _, err = file.Seek(whole, io.SeekStart); err != nil {
		return nil, err
	}
	dir, err := os.Open(filepath.Dir(path)) // a new file is there after a crash once its directory is synced
	if err != nil {
		return nil, err
	}
	return f, errors.Join(dir.Sync(), dir.Close())
}

// Do runs act if the holder may still act upon the resource; nobody else's runs meanwhile.
func (f *File) Do(resource string, q cell.Sequencer, act func()) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return f.err
	}
	before := f.guard.Seen(resource)
	if err := f.guard.Admit(resource, q); err != nil {
		return err
	}
	if f.guard.Seen(resource) != before {
		_, f.err = fmt.Fprintf(f.file, "%s\t%q\n", q, resource)
		if f.err = errors.Join(f.err, f.file.Sync()); f.err != nil {
			return f.err
		}
	}
	act()
	return nil
}

// A Guard in a file: a server that was restarted still refuses who had been overtaken.
func Example_file() {
	dir, err := os.MkdirTemp("", "fence")
	must(err)
	defer func() { must(os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "admitted")
	older := cell.Sequencer{Mode: cell.Exclusive, Grant: 7, Hold: 7, Instance: 1, Name: "/ls/local/app"}
	newer := cell.Sequencer{Mode: cell.Exclusive, Grant: 9, Hold: 8, Instance: 1, Name: "/ls/local/app"}

	f, err := openFile(path)
	must(err)
	fmt.Println(f.Do("disk", older, func() { fmt.Println("the older holder writes") }))
	fmt.Println(f.Do("disk", newer, func() { fmt.Println("the newer holder writes") }))
	must(f.file.Close())

	f, err = openFile(path)
	must(err)
	fmt.Println(errors.Is(f.Do("disk", older, func() { fmt.Println("never") }), cell.ErrStaleSequencer))
	must(f.file.Close())
	// Output:
	// the older holder writes
	// <nil>
	// the newer holder writes
	// <nil>
	// true
}

// Fenced is an http.Handler that asks a Guard before it does anything. The resource is the URL's
// path; the proof comes in the header Sequencer. 412 says that the holder was overtaken, 428 that
// there is no proof, or one of another lock.
type Fenced struct {
	Lock cell.Name // that protects everything here
	Next http.Handler

	mu    sync.Mutex
	guard *fence.Guard
}

func (f *Fenced) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q, err := cell.ParseSequencer(r.Header.Get("Sequencer"))
	if err != nil || q.Name != f.Lock {
		http.Error(w, "a sequencer of "+string(f.Lock)+" is required", http.StatusPreconditionRequired)
		return
	}
	f.mu.Lock() // until Next is done: a newer holder must not come between
	defer f.mu.Unlock()
	if err := f.guard.Admit(r.URL.Path, q); err != nil {
		http.Error(w, "overtaken", http.StatusPreconditionFailed)
		return
	}
	f.Next.ServeHTTP(w, r)
}

// A Guard before an http.Handler.
func Example_http() {
	store := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "stored") })
	h := &Fenced{Lock: "/ls/local/app", Next: store, guard: fence.New(1000)}
	put := func(proof string) {
		r := httptest.NewRequest(http.MethodPut, "/disk", nil)
		r.Header.Set("Sequencer", proof)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		fmt.Println(w.Code, strings.TrimSpace(w.Body.String()))
	}
	put("x:7:7:1:/ls/local/app")
	put("x:9:8:1:/ls/local/app")
	put("x:7:7:1:/ls/local/app")
	put("x:99:99:1:/ls/local/another")
	// Output:
	// 200 stored
	// 200 stored
	// 412 overtaken
	// 428 a sequencer of /ls/local/app is required
}
