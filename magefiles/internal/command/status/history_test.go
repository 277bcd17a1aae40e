package status

import (
	"slices"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
	"github.com/xiilab/astrago-ci/magefiles/internal/status"
)

func commitOf(sha, table string, trailers ...string) repo.Commit {
	var list trailer.List
	for i := 0; i < len(trailers); i += 2 {
		list = append(list, trailer.Trailer{Key: trailers[i], Value: trailers[i+1]})
	}
	return repo.Commit{SHA: commitid.ID(sha), Message: "subject\n\n" + table + "\n" + list.String()}
}

// TestEventIsWhatACommitDidFirstOfAll, where it did several things at once.
func TestEventIsWhatACommitDidFirstOfAll(t *testing.T) {
	const table = "core   v1 -> v2\nbatch  v1 -> v2\n"
	for name, test := range map[string]struct {
		commit     repo.Commit
		kind       status.Kind
		components []component.Name
		tags       []string
	}{
		"a release that lifts":  {commitOf("c", table, trailer.Image, "core x@y", trailer.Lifted, "core"), status.Release, []component.Name{"batch", "core"}, []string{"v2"}},
		"a rollback that holds": {commitOf("c", table, trailer.Rollback, "core v2", trailer.Hold, "core until newer", trailer.Image, "core x@y"), status.Rollback, []component.Name{"batch", "core"}, []string{"v2"}},
		"a promotion":           {commitOf("c", table, trailer.Promoted, "stage acme/d@c", trailer.Image, "core x@y"), status.Promotion, []component.Name{"batch", "core"}, []string{"v2"}},
		"a hold":                {commitOf("c", "", trailer.Hold, "core until lift"), status.HoldPut, []component.Name{"core"}, nil},
		"the end of one":        {commitOf("c", "", trailer.Lifted, "core"), status.HoldEnded, []component.Name{"core"}, nil},
		"by hand":               {commitOf("c", ""), status.Edit, nil, nil},
	} {
		got := eventOf(test.commit)
		if got.Kind != test.kind || !slices.Equal(got.Components, test.components) || !slices.Equal(got.Tags, test.tags) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := eventOf(commitOf("c", table, trailer.Promoted, "stage acme/d@c", trailer.Forced, "hold core", trailer.Reason, "the audit")); got.From != "stage" || !got.Forced || got.Reason != "the audit" {
		t.Errorf("%+v", got)
	}
}

// TestWhatOneCommitDidIsOneEvent, in git's order.
func TestWhatOneCommitDidIsOneEvent(t *testing.T) {
	v := &deploymentView{
		environment: &config.Environment{Name: "stage"}, result: &status.Deployment{Repository: "acme/deployment"},
		read: repo.BranchRead{Snapshot: &repo.Snapshot{History: []repo.Commit{{SHA: "c3"}, {SHA: "c2"}, {SHA: "c1"}}}},
	}
	for _, e := range []struct {
		sha       string
		component component.Name
	}{{"c1", "core"}, {"c0", "core"}, {"c3", "core"}, {"c1", "batch"}} {
		v.remember(status.Event{Components: []component.Name{e.component}, Tags: []string{"v1"}}, repo.Commit{SHA: commitid.ID(e.sha), Author: "Kim"})
	}
	var order []string
	for _, e := range v.inOrder() {
		order = append(order, string(e.Commit))
		if e.By != "Kim" || e.Environment != "stage" || e.Repository != "acme/deployment" || (e.Commit == "c1") != slices.Equal(e.Components, []component.Name{"core", "batch"}) {
			t.Errorf("%+v", e)
		}
	}
	if want := []string{"c3", "c1", "c0"}; !slices.Equal(order, want) {
		t.Errorf("order %q, want %q", order, want)
	}
}

// TestHoldIsPutByWhomItNames as long as it is the one that the commit has put.
func TestHoldIsPutByWhomItNames(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	s := &repo.Snapshot{Book: hold.Book{Holds: []hold.Hold{{Component: "core", By: "Kim", Since: now}}}}
	for name, test := range map[string]struct {
		event status.Event
		made  time.Time
		want  string
	}{
		"the hold":        {status.Event{Kind: status.HoldPut, Components: []component.Name{"core"}}, now.Add(5 * time.Minute), "Kim"},
		"its rollback":    {status.Event{Kind: status.Rollback, Components: []component.Name{"batch", "core"}}, now.Add(-5 * time.Minute), "Kim"},
		"an earlier hold": {status.Event{Kind: status.HoldPut, Components: []component.Name{"core"}}, now.Add(-time.Hour), ""},
		"a release":       {status.Event{Kind: status.Release, Components: []component.Name{"core"}}, now, ""},
		"of another one":  {status.Event{Kind: status.HoldPut, Components: []component.Name{"batch"}}, now, ""},
	} {
		if got := putBy(s, test.event, repo.Commit{Time: test.made}); got != test.want {
			t.Errorf("%s: by %q", name, got)
		}
	}
}
