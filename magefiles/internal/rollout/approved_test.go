package rollout

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// draftOf changes the tag of core in a repository; equal tags change nothing.
func draftOf(repository, before, after string) *edit.Draft {
	d := &edit.Draft{Snapshot: &repo.Snapshot{Repository: repository, Branch: "main"}}
	d.Assigned = []edit.Assignment{{Scalar: edit.Scalar{Path: "core.tag"}, File: "values.yaml", Before: before, After: after}}
	if before != after {
		d.Changes = []edit.Change{{File: "values.yaml", Path: "core.tag"}}
	}
	return d
}

// What was approved is done, also the rest of it; whatever else has become of it in between is refused.
func TestOnlyWhatWasApprovedIsDone(t *testing.T) {
	env := &cli.Env{
		Command: cli.Command{Name: report.CommandRollback},
		Project: &cli.Project{Environment: &config.Environment{Name: "prod"}},
	}
	shown := []*edit.Draft{draftOf("acme/one", "core-2", "core-1"), draftOf("acme/two", "core-2", "core-1")}
	approved := Fingerprint(shown)
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
		err := RequireApproved(env, approved, test.drafts)
		p := problem.As(err)
		switch {
		case test.allowed && err != nil, !test.allowed && (p == nil || p.Status != problem.Refused || !strings.Contains(p.Remedy, "dry run")):
			t.Errorf("%s: %v", name, err)
		}
		if err := RequireApproved(env, "", test.drafts); err != nil {
			t.Errorf("%s, where nothing was approved: %v", name, err)
		}
	}
	if err := RequireApproved(env, Fingerprint(nil), shown); err == nil {
		t.Error("a dry run with nothing to do approves a change")
	}
	if strings.Contains(approved, "core") {
		t.Errorf("the fingerprint shows a value: %s", approved)
	}
}
