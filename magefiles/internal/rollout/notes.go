package rollout

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/guard"
	"github.com/xiilab/astrago-ci/magefiles/internal/notes"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Bounds of what is read for notes, which no run depends on.
const (
	notesTime   = 20 * time.Second
	mostCommits = 250 // of each side of a range
	mostLabels  = 30  // pull requests that are asked for
)

var errNotesTime = errors.New("no answer within " + notesTime.String())

// Way is the change of some components from one commit of the application, Base, to another, Head.
type Way struct {
	Components []component.Name
	Base, Head commitid.ID
	Reason     string // why one of the commits is not known
}

// NotesReader reads notes beside a run, which it neither delays by more than notesTime nor fails.
type NotesReader struct {
	env  *cli.Env
	done chan struct{}

	notes  *notes.Notes // once done is closed
	notice string
	told   sync.Once
}

// ReadNotes begins to read what lies on the ways.
func ReadNotes(ctx context.Context, env *cli.Env, n notes.Notes, ways []Way) *NotesReader {
	n.Schema, n.Application = notes.Schema, env.Project.Application()
	n.Service, n.Environment = env.Report.Service, env.Report.Environment
	r := &NotesReader{env: env, done: make(chan struct{}), notes: &n}
	go func() {
		defer close(r.done)
		ctx, cancel := context.WithTimeoutCause(ctx, notesTime, errNotesTime)
		defer cancel()
		n.Ranges = r.ranges(ctx, ways)
		r.label(ctx)
	}()
	return r
}

// Notes waits for the notes, and says what they lack.
func (r *NotesReader) Notes() *notes.Notes {
	if r == nil {
		return nil
	}
	<-r.done
	r.told.Do(func() {
		if r.notice != "" {
			r.env.Console.Note(r.notice)
		}
	})
	return r.notes
}

func (r *NotesReader) ranges(ctx context.Context, ways []Way) []notes.Range {
	all := make([]notes.Range, len(ways))
	builder := r.builder()
	var group sync.WaitGroup
	for i, way := range ways {
		group.Go(func() { all[i] = r.readRange(ctx, builder, way) })
	}
	group.Wait()
	return all
}

func (r *NotesReader) builder() notes.Builder {
	builder := notes.Builder{Web: r.env.Project.Commit.URL}
	var links [][2]string
	for _, link := range r.env.Project.Config.Notes.Links {
		links = append(links, [2]string{link.Pattern, link.URL})
	}
	var err error
	if builder.Linker, err = notes.NewLinker(links); err != nil { // the configuration was checked
		r.notice = "keys of issues are not linked: " + err.Error()
	}
	return builder
}

// readRange returns the range of a way; what cannot be read makes it unknown.
func (r *NotesReader) readRange(ctx context.Context, builder notes.Builder, way Way) notes.Range {
	n := notes.Range{
		Components: way.Components, Base: way.Base, Head: way.Head, Relation: notes.Unknown, Reason: way.Reason,
		Brings: builder.Side(notes.History{}), TakesBack: builder.Side(notes.History{}),
	}
	n.URL = builder.ComparePage(n.Base, n.Head)
	if way.Reason != "" {
		return n
	}
	found, err := r.env.Clients.ReadRange(ctx, way.Base, way.Head, mostCommits)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause
	}
	if err != nil {
		n.Reason = problem.FirstLine(err)
		return n
	}
	n.Relation, n.Reason = notes.Relation(found.Relation), found.Reason
	n.Brings, n.TakesBack = builder.Side(historyOf(found.Brings)), builder.Side(historyOf(found.TakesBack))
	return n
}

func historyOf(h git.History) notes.History {
	history := notes.History{Count: h.Count}
	for _, c := range h.Commits {
		history.Commits = append(history.Commits, notes.Commit(c))
	}
	return history
}

// label asks for the labels of pull requests whose titles do not tell what kind of change they are.
func (r *NotesReader) label(ctx context.Context) {
	var numbers []int
	for _, n := range r.notes.Ranges {
		for _, number := range append(n.Brings.Unlabelled(), n.TakesBack.Unlabelled()...) {
			if !slices.Contains(numbers, number) {
				numbers = append(numbers, number)
			}
		}
	}
	labels, err := r.env.Clients.PullRequestLabels(ctx, numbers[:min(len(numbers), mostLabels)])
	if err != nil {
		r.notice = "labels of pull requests are not known: " + problem.FirstLine(err)
	}
	for i := range r.notes.Ranges {
		n := &r.notes.Ranges[i]
		n.Brings, n.TakesBack = n.Brings.Label(labels), n.TakesBack.Label(labels)
	}
}

// StartNotes begins to read what drafts bring, for the commits that are made later and for the report.
func (r *Rollout) StartNotes(ctx context.Context, bumpOf BumpOf, drafts []*edit.Draft) {
	var ways []Way
	for i, draft := range drafts {
		for _, old := range guard.Replaced(bumpOf(i), draft) {
			ways = addWay(ways, wayFrom(old))
		}
	}
	if len(ways) == 0 {
		return
	}
	n := notes.Notes{}
	if from := r.env.Report.From; from != nil {
		n.From = from.Environment
	}
	r.notes = ReadNotes(ctx, r.env, n, ways)
}

// Notes returns what StartNotes has begun to read; nil where nothing is replaced.
func (r *Rollout) Notes() *notes.Notes { return r.notes.Notes() }

func wayFrom(old guard.Predecessor) Way {
	way := Way{Components: old.Components, Base: old.SHA, Head: old.Ours}
	switch {
	case way.Base == "":
		way.Reason = "nothing tells which commit the deployed image is of"
	case way.Head == "":
		way.Reason = "nothing tells which commit the new image is of"
	}
	return way
}

// addWay adds a way, to one that is the same.
func addWay(ways []Way, way Way) []Way {
	same := func(other Way) bool { return other.Base == way.Base && other.Head == way.Head }
	i := slices.IndexFunc(ways, same)
	if i < 0 {
		return append(ways, way)
	}
	ways[i].Components = component.Add(slices.Clone(ways[i].Components), way.Components...)
	return ways
}
