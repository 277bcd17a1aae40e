package rollback

import (
	"fmt"
	"maps"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/rollout"
)

// named are values that have tags and no digests.
func named(tags map[component.Name]string) map[component.Name]plan.Named {
	all := map[component.Name]plan.Named{}
	for name, tag := range tags {
		all[name] = plan.Named{Tag: tag}
	}
	return all
}

// A rollback that was killed between deployments is found wherever it stopped, and none is found before the first commit, after the
// last one, or where the difference is anything else.
func TestPendingTagsAreThoseOfAKilledRollback(t *testing.T) {
	before := map[component.Name]string{"core": "core-2", "batch": "batch-1", "web": "web-2"}
	back := map[component.Name]string{"core": "core-1", "batch": "batch-1", "web": "web-1"}
	for _, order := range [][]int{{0, 1, 2}, {2, 0, 1}, {1, 2, 0}} {
		for done := range len(order) + 1 {
			for _, held := range []bool{true, false} {
				f := targetFinder{env: &cli.Env{}, at: &rollout.EnvironmentState{Environment: &config.Environment{Name: "stage"}}}
				for range order {
					f.at.Deployed, f.at.Snapshots = append(f.at.Deployed, named(before)), append(f.at.Snapshots, &repo.Snapshot{})
				}
				delete(f.at.Deployed[1], "web") // a deployment may lack components
				for _, i := range order[:done] {
					for name := range f.at.Deployed[i] {
						f.at.Deployed[i][name] = plan.Named{Tag: back[name]}
						if held && before[name] != back[name] {
							h := hold.Hold{Component: name, Tag: before[name]}
							f.at.Snapshots[i].Holds = append(f.at.Snapshots[i].Holds, h)
						}
					}
				}
				name := fmt.Sprintf("%d of %v are done, with holds %v", done, order, held)
				want := map[component.Name]string(nil)
				if held && done > 0 && done < len(order) {
					want = back
				}
				got := f.pendingTags()
				if (got == nil) != (want == nil) || !maps.Equal(commonTags(got, want), got) || !maps.Equal(commonTags(want, got), got) {
					t.Errorf("%s: %v, want %v", name, got, want)
				}
			}
		}
	}
}

func TestTargetIsNamedByTheFirstCommitThatHadIt(t *testing.T) {
	for want, restored := range map[commitid.ID][]commitid.ID{"": {"", ""}, "a": {"", "a", "b"}, "b": {"b", "a"}} {
		if got := (target{restored: restored}).commit(); got != want {
			t.Errorf("of %q it is %q, want %q", restored, got, want)
		}
	}
}
