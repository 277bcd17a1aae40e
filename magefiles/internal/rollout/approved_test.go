package rollout

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// draftOf changes the tag of core in a repository; equal tags change nothing.
func draftOf(repository, before, after string) *edit.Draft {
	d := &edit.Draft{Snapshot: &repo.Snapshot{Repository: repository, Branch: "main"}}
	d.Assigned = []edit.Assignment{{Scalar: edit.Scalar{Path: "core.tag"}, File: "values.yaml", Before: before, After: after}}
	if before != after {
		d.Changes = []edit.Change{{Component: "core", File: "values.yaml", Path: "core.tag"}}
	}
	return d
}

// bumpWith deploys an image of core, and lifts what is held of a component.
func bumpWith(deployed digest.Digest, lifted string) bump.Bump {
	ref := imageref.Repository{Host: "ghcr.io", Path: "acme/shop"}.Tagged("core-1")
	b := bump.Bump{Images: []bump.Image{{Component: "core", Ref: ref, Digest: deployed}, {Component: "batch", Digest: deployed + deployed}}}
	if lifted != "" {
		b.Images, b.Lift = nil, []component.Name{component.Name(lifted)}
	}
	return b
}

// What was approved is done, also the rest of it; whatever else has become of it in between is refused.
func TestOnlyWhatWasApprovedIsDone(t *testing.T) {
	env := &cli.Env{
		Command: cli.Command{Name: report.CommandRollback},
		Project: &cli.Project{Environment: &config.Environment{Name: "prod"}},
	}
	shown := []*edit.Draft{draftOf("acme/one", "core-2", "core-1"), draftOf("acme/two", "core-2", "core-1")}
	bumpOf := func(int) bump.Bump { return bumpWith("sha256:01", "") }
	approved := Fingerprint(shown, bumpOf)
	for name, test := range map[string]struct {
		drafts  []*edit.Draft
		allowed bool
	}{
		"the same":              {shown, true},
		"the rest":              {[]*edit.Draft{draftOf("acme/one", "core-1", "core-1"), shown[1]}, true},
		"nothing":               {[]*edit.Draft{draftOf("acme/one", "core-1", "core-1"), draftOf("acme/two", "core-1", "core-1")}, true},
		"another target":        {[]*edit.Draft{shown[0], draftOf("acme/two", "core-2", "core-0")}, false},
		"a fix in the meantime": {[]*edit.Draft{draftOf("acme/one", "core-3", "core-1"), shown[1]}, false},
		"another repository":    {[]*edit.Draft{draftOf("acme/three", "core-2", "core-1"), shown[1]}, false},
		"one more":              {append(shown[:2:2], draftOf("acme/three", "core-2", "core-1")), false},
		"one less":              {shown[:1], false},
	} {
		r := &Rollout{env: env}
		err := r.RequireApproved(approved, test.drafts, bumpOf)
		p := problem.As(err)
		switch {
		case test.allowed && err != nil, !test.allowed && (p == nil || p.Status != problem.Refused || !strings.Contains(p.Remedy, "dry run")):
			t.Errorf("%s: %v", name, err)
		}
		if err := (&Rollout{env: env}).RequireApproved("", test.drafts, bumpOf); err != nil {
			t.Errorf("%s, where nothing was approved: %v", name, err)
		}
	}
	if err := (&Rollout{env: env}).RequireApproved(Fingerprint(nil, bumpOf), shown, bumpOf); err == nil {
		t.Error("a dry run with nothing to do approves a change")
	}
	if strings.Contains(approved, "core") {
		t.Errorf("the fingerprint shows a value: %s", approved)
	}
}

// An image that is another one under the same tag is another rollout; one that no value changes for is none of it.
func TestAttackAnotherImageUnderTheApprovedTag(t *testing.T) {
	shown := []*edit.Draft{draftOf("acme/one", "core-2", "core-1")}
	of := func(b bump.Bump) string { return Fingerprint(shown, func(int) bump.Bump { return b }) }
	approved := bumpWith("sha256:01", "")
	if of(approved) == of(bumpWith("sha256:02", "")) {
		t.Error("another digest was approved")
	}
	alone := approved
	alone.Images = alone.Images[:1]
	if of(approved) != of(alone) {
		t.Error("an image that is not deployed counts")
	}
}

// Only the approved hold is lifted: none that was made since, and none with another reason.
func TestAttackHoldPutSinceTheApproval(t *testing.T) {
	since := time.Date(2026, 3, 2, 3, 12, 0, 0, time.UTC)
	shown := hold.Hold{Component: "core", Until: config.HoldUntilLift, Reason: "closing", By: "kim", Since: since}
	of := func(holds ...hold.Hold) string {
		d := &edit.Draft{Snapshot: &repo.Snapshot{Repository: "acme/one", Branch: "main", Book: hold.Book{Holds: holds}}}
		return Fingerprint([]*edit.Draft{d}, func(int) bump.Bump { return bumpWith("", "core") })
	}
	approved := of(shown)
	for name, change := range map[string]func(*hold.Hold){
		"reason": func(h *hold.Hold) { h.Reason = "fire" }, "person": func(h *hold.Hold) { h.By = "lee" }, "build": func(h *hold.Hold) { h.Rejected = "0a" },
		"time": func(h *hold.Hold) { h.Since = since.Add(time.Minute) }, "digest": func(h *hold.Hold) { h.Digest = "sha256:01" },
		"tag": func(h *hold.Hold) { h.Tag = "core-1" }, "end": func(h *hold.Hold) { h.Until = config.HoldUntilNewer },
	} {
		other := shown
		change(&other)
		if of(other) == approved || of(shown, other) == approved {
			t.Errorf("a hold of another %s was approved", name)
		}
	}
	beside := shown
	beside.Component = "batch"
	if of(shown, beside) != approved || of(beside) != unchanged || of() != unchanged {
		t.Error("a hold that is not lifted counts")
	}
	unreadable := func(file string) string {
		s := &repo.Snapshot{Book: hold.Book{HoldErr: errors.New("line 1"), HoldBytes: []byte(file)}}
		return Fingerprint([]*edit.Draft{{Snapshot: s}}, func(int) bump.Bump { return bumpWith("", "core") })
	}
	if unreadable("[") == unreadable("[[") || unreadable("[") == unchanged {
		t.Error("another file that nothing reads was approved")
	}
}
