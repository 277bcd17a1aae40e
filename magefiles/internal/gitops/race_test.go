package gitops_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// race is writers that bump one file at once, without a pause: the even ones a key of all of them, the odd ones one of
// their own.
type race struct {
	API       config.API
	Writers   int
	Bumps     int // of each writer
	Processes int // 0: goroutines

	// OwnKeys gives every writer a key of its own, so that the order guard refuses nothing and every bump is a commit.
	OwnKeys bool
}

// finish is the outcome of one bump of a race.
type finish struct {
	Writer   int
	Build    int
	Commit   string // empty where the order guard refused it
	Attempts int
	Err      string // what must not be
}

func TestRace(t *testing.T) {
	for name, r := range map[string]race{
		"goroutines, GraphQL": {API: config.APIGraphQL, Writers: 10, Bumps: 3},
		"goroutines, REST":    {API: config.APIREST, Writers: 6, Bumps: 2},
		"processes, GraphQL":  {API: config.APIGraphQL, Writers: 8, Bumps: 2, Processes: 8},
	} {
		t.Run(name, func(t *testing.T) { t.Log(r.run(t)) })
	}
}

// figures are the costs of a race.
type figures struct {
	attempts, commits int
	took              time.Duration // from the first read to the last answer
}

// run races and checks that nothing is lost.
func (r race) run(t testing.TB) figures {
	t.Helper()
	w := newWorld(t, map[string][]byte{shopFile: r.file()}, func(o *gitops.Options) { o.API = r.API })
	began := time.Now()
	finishes := r.start(t, w)
	f := figures{took: time.Since(began), attempts: w.Count(operationOf(r.API, writeCall)), commits: w.commits() - 1}
	r.check(w, finishes)
	return f
}

func (f figures) String() string {
	return fmt.Sprintf("%d commits with %.2f attempts each in %s", f.commits, f.perCommit(), f.took.Round(time.Millisecond))
}

func (f figures) perCommit() float64 { return float64(f.attempts) / float64(f.commits) }

func (r race) check(w *world, finishes []finish) {
	w.Helper()
	newest, made := map[string]int{}, 0
	for _, f := range finishes {
		if f.Err != "" {
			w.Errorf("writer %d, build %d: %s", f.Writer, f.Build, f.Err)
		}
		if f.Commit != "" {
			made++
		} else if r.key(f.Writer) != "shared" {
			w.Errorf("writer %d, build %d: not committed, though nobody else sets its key", f.Writer, f.Build)
		}
		newest[r.key(f.Writer)] = max(newest[r.key(f.Writer)], f.Build)
	}
	if len(finishes) != r.Writers*r.Bumps {
		w.Errorf("%d bumps ended, want %d", len(finishes), r.Writers*r.Bumps)
	}
	want := string(r.file())
	for key, build := range newest {
		want = strings.Replace(want, "  "+key+":\n    imageTag: none-00000000\n", fmt.Sprintf("  %s:\n    imageTag: %s-stage-%08x\n", key, key, build), 1)
	}
	if got := w.content(shopFile); got != want {
		w.Errorf("the file is\n%s\nwant\n%s", got, want)
	}
	if got := w.commits() - 1; got != made {
		w.Errorf("%d commits, want %d", got, made)
	}
	if merges := w.git("rev-list", "--merges", branch); merges != "" {
		w.Errorf("the history is not linear: %s", merges)
	}
	w.git("fsck", "--strict")
}

func (r race) key(writer int) string {
	if writer%2 == 0 && !r.OwnKeys {
		return "shared"
	}
	return "w" + strconv.Itoa(writer)
}

func (r race) file() []byte {
	var b strings.Builder
	b.WriteString("shop:\n  shared:\n    imageTag: none-00000000\n")
	for n := range r.Writers {
		if key := r.key(n); key != "shared" {
			fmt.Fprintf(&b, "  %s:\n    imageTag: none-00000000\n", key)
		}
	}
	return []byte(b.String())
}

// start runs every writer to its end.
func (r race) start(t testing.TB, w *world) []finish {
	t.Helper()
	if r.Processes > 0 {
		return r.fork(t, w)
	}
	var (
		all   []finish
		mu    sync.Mutex
		group sync.WaitGroup
	)
	for n := range r.Writers {
		group.Go(func() {
			r.write(t.Context(), w.URL(), n, func(f finish) {
				mu.Lock()
				defer mu.Unlock()
				all = append(all, f)
			})
		})
	}
	group.Wait()
	return all
}

// write makes one writer's bumps. The builds of all writers grow together, so that each is newer than most before it.
func (r race) write(ctx context.Context, api string, n int, done func(finish)) {
	connection := &http.Transport{} // of its own, as of a process of its own
	defer connection.CloseIdleConnections()
	client, err := gitops.New(gitops.Options{Options: github.Options{APIURL: api, Token: token, Transport: connection}, API: r.API})
	if err != nil {
		done(finish{Writer: n, Err: err.Error()})
		return
	}
	for i := range r.Bumps {
		f := finish{Writer: n, Build: 1 + i*r.Writers + n}
		b := release(fmt.Sprintf("%08x%032x", f.Build, n), r.key(n))
		b.Ancestry = builds{}
		result, err := client.Bump(ctx, b)
		if p := problem.As(err); p != nil && p.ExitStatus() == problem.Refused {
			err = nil // a newer build was there first
		}
		if err != nil {
			f.Err = err.Error()
		}
		if result != nil {
			f.Commit, f.Attempts = string(result.Commit), result.Attempts
		}
		done(f)
	}
}

// builds orders commits by the number that they begin with.
type builds struct{}

func (builds) Compare(_ context.Context, base, head commitid.ID) (git.Comparison, error) {
	b, errB := strconv.ParseInt(string(base[:8]), 16, 64)
	h, errH := strconv.ParseInt(string(head[:8]), 16, 64)
	relation := git.Identical
	switch {
	case b < h:
		relation = git.Ahead
	case b > h:
		relation = git.Behind
	}
	return git.Comparison{Relation: relation, Base: git.Commit{SHA: base}}, errors.Join(errB, errH)
}
