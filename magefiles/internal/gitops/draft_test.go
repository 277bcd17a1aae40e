package gitops_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/excerpt"
)

// shown is the excerpt of a tag.
func shown(tag string) excerpt.Excerpt {
	_, now := excerpt.Excerpts("", "", tag, tag)
	return now
}

// However the expressions are written, each change has the component that made it, in the plan's order.
func TestEditKnowsWhoChangesWhat(t *testing.T) {
	want := []edit.Change{
		{File: shopFile, Component: "batch", Path: "shop.batch.imageTag", Line: 6, Old: shown("batch-stage-9f8e7d6c"), New: shown("b")},
		{File: shopFile, Component: "core", Path: "shop.core.imageTag", Line: 4, Old: shown("core-stage-9f8e7d6c"), New: shown("c")},
	}
	for name, edits := range map[string][]plan.Edit{
		"plain":         {{Component: "batch", Expressions: []string{`.shop.batch.imageTag = "b"`}}, {Component: "core", Expressions: []string{` .shop.core.imageTag="c" `}}},
		"brackets":      {{Component: "batch", Expressions: []string{`.shop["batch"].imageTag = "b"`}}, {Component: "core", Expressions: []string{`.shop.core.imageTag = "c"`}}},
		"several steps": {{Component: "batch", Expressions: []string{`.shop.batch.imageTag = "b" | .shop.frontend.imageTag = "frontend-stage-00000000"`}}, {Component: "core", Expressions: []string{`with(.shop.core; .imageTag = "c")`}}},
		"an equal value of both": {
			{Component: "batch", Expressions: []string{`.shop.batch.imageTag = "b"`, `.shop.frontend.imageTag = "frontend-stage-00000000"`}},
			{Component: "core", Expressions: []string{`.shop.core.imageTag = "c"`, `.shop.frontend.imageTag = "frontend-stage-00000000"`}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := &repo.Snapshot{Repository: repository, Branch: branch, Files: map[string][]byte{shopFile: []byte(shopValues)}}
			draft, err := edit.New(s, plan.Deployment{Repository: repository, Branch: branch, Files: []plan.File{{Path: shopFile, Edits: edits}}})
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(draft.Changes, want) {
				t.Errorf("\n got %+v\nwant %+v", draft.Changes, want)
			}
			content := strings.NewReplacer("core-stage-9f8e7d6c", "c", "batch-stage-9f8e7d6c", "b").Replace(shopValues)
			if len(draft.Files) != 1 || string(draft.Files[0].Bytes) != content {
				t.Errorf("files %+v", draft.Files)
			}
		})
	}
}

func TestBumpRefusesAMissingKeyWithItsPlace(t *testing.T) {
	w := newWorld(t, nil)
	b := release(newSHA, "core")
	set(&b, 0, "monitor", "", `.shop.monitor.imageTag = "monitor-stage-a1b2c3d4"`)
	_, err := w.client.Bump(t.Context(), b)
	wantProblem(t, err, problem.Refused, repository+"@"+branch+":"+shopFile+":2:", "monitor")
	w.wantOperations(readOperation)
}

func TestBumpRefusesComponentsThatSetTheSameValue(t *testing.T) {
	for name, expression := range map[string]string{
		"alone":        `.shop.core.imageTag = "batch-stage-a1b2c3d4"`,
		"in a pipe":    `.shop.batch.imageTag = "batch-stage-a1b2c3d4" | .shop.core.imageTag = "batch-stage-a1b2c3d4"`,
		"as it stands": `.shop.core.imageTag = "core-stage-9f8e7d6c"`,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			b := release(newSHA, "core")
			set(&b, 0, "batch", "", expression)
			_, err := w.client.Bump(t.Context(), b)
			wantProblem(t, err, problem.Usage, `"core" and "batch"`, "{{ .Component }}", shopFile+":4")
		})
	}
}
