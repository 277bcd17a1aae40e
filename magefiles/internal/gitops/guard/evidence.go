package guard

import (
	"cmp"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// writer is the author of a bump as its trailers name it: the application's repository and its service. Either may be "".
type writer struct{ repository, service string }

func (w writer) String() string {
	if w.service == "" || w.service == w.repository {
		return w.repository
	}
	return w.service + " (" + w.repository + ")"
}

func writerOf(commit repo.Commit) (writer, bool) {
	service, repository, ok := commit.Writer()
	return writer{repository, service}, ok
}

// evidence holds the bumps of one value: each the newest commit of its kind, nil where there is none.
type evidence struct {
	edit.Assignment
	setHere   *writtenBump // set this very value at this very place
	ourValue  *writtenBump // of this service, set this very value somewhere: a list may have been reordered since
	value     *writtenBump // of others, set this very value somewhere
	lastWrite *writtenBump // set another value here, which an edit by hand has replaced
}

// writtenBump is a bump with its writer.
type writtenBump struct {
	commit repo.Commit
	by     writer
	ours   bool
}

// addCommit takes a commit into account that is older than those before it.
func (e *evidence) addCommit(b bump.Bump, commit repo.Commit) {
	by, ok := writerOf(commit)
	if !ok || e.setHere != nil {
		return
	}
	w := &writtenBump{commit, by, b.IsOurs(by.service, by.repository)}
	value, here := setsValueOf(commit, "", e.Assignment), listsValue(commit, e.Assignment)
	if w.ours {
		value = setsValueOf(commit, e.Edit.Component, e.Assignment)
	}
	keep := func(kept **writtenBump, fits bool) {
		if fits && *kept == nil {
			*kept = w
		}
	}
	keep(&e.setHere, here && value)
	keep(&e.ourValue, value && w.ours)
	listed := len(commit.Trailers().All(trailer.Value)) > 0
	keep(&e.value, value && !w.ours && (!listed || strings.Contains(e.Path, "["))) // elsewhere a tag may be equal by chance
	keep(&e.lastWrite, here)
}

func (e *evidence) isEmpty() bool { return e.owner() == nil }

// owner is the writer that the value belongs to, nil for a value that no bump has set.
func (e *evidence) owner() *writtenBump { return cmp.Or(e.setHere, e.ourValue, e.value, e.lastWrite) }

// listsValue reports whether a bump lists the scalar in its trailers.
func listsValue(c repo.Commit, a edit.Assignment) bool {
	return c.Trailers().HasValue(a.InTrailer())
}

// setsValueOf reports whether the table has the scalar's value of now, in the lines of a component or, for "", of any.
func setsValueOf(c repo.Commit, name component.Name, a edit.Assignment) bool {
	tag := tagOf(a.Before)
	for of, set := range c.Changes() {
		if (name == "" || of == name) && slices.ContainsFunc(set, func(v string) bool { return v == a.Before || v == tag }) {
			return true
		}
	}
	return false
}

// tagOf returns the tag of a value that is a tag or a reference; the value itself where it has none.
func tagOf(value string) string {
	parts := imageref.Split(value)
	return cmp.Or(parts.Tag, parts.Name, value)
}
