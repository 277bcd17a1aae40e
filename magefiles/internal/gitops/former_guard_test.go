package gitops_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
)

const workerHolds = ".astrago/holds/stage/worker.yaml"

// worker is the bump of another service, which lives in a repository.
func worker(b bump.Bump, repository string) bump.Bump {
	b = by(b, "worker", repository)
	b.Deployment.Hold = workerHolds
	return b
}

// claiming is a bump whose `formerly` has the other service's name.
func claiming(b bump.Bump) bump.Bump {
	b.Formerly, b.Deployment.FormerHolds = []string{"worker"}, []string{workerHolds}
	return b
}

// formers are the scenarios of values that a renamed service may take over.
var formers = []scenario{
	{name: "a name that another repository deploys under is no former one", run: func(s *scene) {
		s.bump(worker(s.guarded(firstSHA, "batch"), "acme/worker"))
		s.bump(worker(s.freeze("audit", "batch"), "acme/worker"))
		file := s.content(workerHolds)
		for _, b := range []bump.Bump{
			s.guarded(firstSHA, "core"), s.guarded(secondSHA, "batch"), s.freeze("closing", "core"), s.lift("batch"),
		} {
			s.refused(claiming(b), "worker (acme/worker)", "`formerly`", "take the name out")
		}
		s.bump(s.guarded(firstSHA, "core"))
		s.bump(s.freeze("closing", "core"))
		s.bump(s.lift("core"))
		s.wantContent(workerHolds, file)
		s.refused(worker(s.guarded(secondSHA, "batch"), "acme/worker"), "batch is held", "audit")
	}},
	{name: "nor is one that goes on deploying beside ours", run: func(s *scene) {
		s.bump(worker(s.guarded(firstSHA, "batch"), "acme/backend"))
		s.bump(claiming(s.guarded(firstSHA, "core")))
		s.bump(worker(s.guarded(secondSHA, "batch"), "acme/backend"))
		s.bump(worker(s.freeze("audit", "batch"), "acme/backend"))
		forced := claiming(s.lift("core", "batch"))
		forced.Force = true
		for _, b := range []bump.Bump{claiming(s.guarded(secondSHA, "core")), claiming(s.freeze("closing", "core")), forced} {
			s.refused(b, "worker (acme/backend)", "`formerly`")
		}
		if file := s.content(workerHolds); !strings.Contains(file, "audit") {
			s.Errorf("its hold is gone:\n%s", file)
		}
	}},
	{name: "one that stopped deploying is, be it after going back to it once", run: func(s *scene) {
		s.bump(s.guarded(firstSHA, "core"))
		renamed := worker(s.guarded(secondSHA, "core"), "acme/backend")
		renamed.Formerly = []string{"backend"}
		s.bump(renamed)
		s.bump(claiming(s.guarded(thirdSHA, "core")))
		s.bump(claiming(s.guarded(fourthSHA, "core")))
	}},
}

func TestFormerNames(t *testing.T) {
	for _, s := range formers {
		t.Run(s.name, func(t *testing.T) { everywhere(t, s) })
	}
}
