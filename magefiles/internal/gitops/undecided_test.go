package gitops_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

// undecideds are the scenarios of holds on images that are not known yet.
var undecideds = []scenario{
	{name: "what may be kept is refused once it is known not to be", run: func(s *scene) {
		s.bump(s.keeping(turned, firstSHA, "core", "batch"))
		s.bump(s.freeze("demo", "core", "batch"))
		b := s.keeping(turned, fourthSHA, "core", "batch")
		b.Images[0].Digest, b.Undecided = "", []component.Name{"core"}
		s.checked(b, "batch is held", "demo") // which is known to be another image
		b = s.keeping(turned, thirdSHA, "core", "batch")
		b.Images[0].Digest, b.Undecided = "", []component.Name{"core"}
		if notices := s.checked(b); !strings.Contains(notices, "core is held since") || !strings.Contains(notices, "demo") || !strings.Contains(notices, "once `prepare` has run") {
			s.Errorf("notices:\n%s", notices)
		}
		b.Undecided = nil
		s.checked(b, "core is held", "demo")
		b.Undecided, b.Deployment.Unchanged = []component.Name{"core"}, config.UnchangedSet
		s.checked(b, "core is held", "demo")
	}},
	{name: "what ends a hold may turn out to be rejected", run: func(s *scene) {
		s.bump(s.guarded(secondSHA, "core"))
		back := s.back(secondSHA, firstSHA, config.HoldUntilNewer, "core")
		back.Hold[0].Digest = refs.Digest("b")
		s.bump(back)
		b := s.guarded(thirdSHA, "core")
		b.Images[0].Digest, b.Undecided = "", []component.Name{"core"}
		if notices := s.checked(b); !strings.Contains(notices, "the hold ends") || !strings.Contains(notices, "unless `prepare` makes the rejected image again") {
			s.Errorf("notices:\n%s", notices)
		}
	}},
}

// checked asks about holds before images are known; with words it wants a refusal that has them.
func (s *scene) checked(b bump.Bump, words ...string) (notices string) {
	s.Helper()
	draft, err := b.Draft(s.Context(), s.read(b.Deployment))
	if err != nil {
		s.Fatal(err)
	}
	all, err := s.client.CheckHolds(s.Context(), b, draft)
	if len(words) > 0 {
		wantProblem(s.T, err, problem.Refused, words...)
	} else if err != nil {
		s.Error(err)
	}
	return strings.Join(all, "\n")
}

func TestUndecided(t *testing.T) {
	for _, s := range undecideds {
		t.Run(s.name, func(t *testing.T) { everywhere(t, s) })
	}
}
