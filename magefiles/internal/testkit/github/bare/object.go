package bare

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"
)

// Types of git objects, as git names them.
const (
	BlobType   = "blob"
	TreeType   = "tree"
	CommitType = "commit"
	TagType    = "tag"
)

// Object is one git object with its whole content.
type Object struct {
	OID  string // 40 hex digits
	Type string
	Data []byte
}

// Object reads the object that a revision expression names (gitrevisions(7): an id, a full reference, "rev:path").
// It returns ErrMissing where git finds none.
func (r *Repository) Object(rev string) (Object, error) {
	if rev == "" || strings.ContainsAny(rev, "\n\x00") {
		return Object{}, fmt.Errorf("reading object %q: %w", rev, ErrMissing)
	}
	return r.objects.read(rev)
}

// typedObject reads an object and insists on its type, peeling an annotated tag on the way to a commit or tree.
func typedObject(r *Repository, rev, kind string) (Object, error) {
	if o, ok := r.objects.known(rev); ok && o.Type == kind {
		return o, nil
	}
	o, err := r.Object(rev + "^{" + kind + "}")
	if err != nil {
		return Object{}, fmt.Errorf("reading %s %q: %w", kind, rev, ErrMissing)
	}
	return o, nil
}

// WriteBlob stores data and gives its object id.
func (r *Repository) WriteBlob(ctx context.Context, data []byte) (string, error) {
	return writeObject(ctx, r, BlobType, data)
}

// reader serves reads from one long-running git cat-file, which makes a read cost microseconds instead of a process.
type reader struct {
	dir string

	// small has objects by id that were read before. They never change, and tests do not delete them.
	small sync.Map // string -> Object

	mu      sync.Mutex
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

// cached is up to which size an object is kept: trees and commits are read again and again.
const cached = 16 << 10

func (r *reader) known(rev string) (Object, bool) {
	o, ok := r.small.Load(rev)
	if !ok {
		return Object{}, false
	}
	return o.(Object), true
}

func (r *reader) read(rev string) (Object, error) {
	if o, ok := r.known(rev); ok {
		return o, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.start(); err != nil {
		return Object{}, err
	}
	o, err := r.exchange(rev)
	if err != nil {
		if !errors.Is(err, ErrMissing) { // git gave up on the expression, or was ended: the next read starts it again
			_ = r.stop()
		}
		return Object{}, fmt.Errorf("reading object %q: %w", rev, err)
	}
	if len(o.Data) <= cached {
		r.small.Store(o.OID, o)
	}
	return o, nil
}

// exchange speaks the format of git-cat-file(1), "BATCH OUTPUT".
func (r *reader) exchange(rev string) (Object, error) {
	if _, err := io.WriteString(r.in, rev+"\n"); err != nil {
		return Object{}, err
	}
	header, err := r.out.ReadString('\n')
	if err != nil {
		return Object{}, err
	}
	fields := strings.Fields(strings.TrimSuffix(header, "\n"))
	if strings.HasPrefix(header, rev+" ") && len(fields) > 0 {
		if last := fields[len(fields)-1]; last == "missing" || last == "ambiguous" {
			return Object{}, ErrMissing
		}
	}
	if len(fields) != 3 {
		return Object{}, fmt.Errorf("unexpected answer %q of git cat-file", header)
	}
	size, err := strconv.Atoi(fields[2])
	if err != nil {
		return Object{}, fmt.Errorf("unexpected answer %q of git cat-file", header)
	}
	data := make([]byte, size+1) // git ends the content with a line feed of its own
	if _, err := io.ReadFull(r.out, data); err != nil {
		return Object{}, err
	}
	return Object{OID: fields[0], Type: fields[1], Data: data[:size]}, nil
}

func (r *reader) start() error {
	if r.command != nil {
		return nil
	}
	// It outlives the request that starts it, and ends when close shuts its input.
	cmd := exec.CommandContext(context.Background(), "git", "cat-file", "--batch")
	cmd.Dir, cmd.Env = r.dir, environment()
	in, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("starting git cat-file: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("starting git cat-file: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting git cat-file: %w", err)
	}
	r.command, r.in, r.out = cmd, in, bufio.NewReaderSize(out, 64<<10)
	return nil
}

func (r *reader) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stop()
}

func (r *reader) stop() error {
	if r.command == nil {
		return nil
	}
	command := r.command
	r.command = nil
	if err := r.in.Close(); err != nil {
		return fmt.Errorf("ending git cat-file: %w", err)
	}
	err := command.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && !exit.Exited() {
		return nil // Ctrl-C reaches every process of the terminal; this one had nothing left to do
	}
	if err != nil {
		return fmt.Errorf("ending git cat-file: %w", err)
	}
	return nil
}
