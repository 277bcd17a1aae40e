package bump_test

import (
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

func plain() bump.Bump {
	return bump.Bump{
		Service: "shop", Environment: "stage", Source: git.Commit{SHA: ours, Repository: "acme/shop"},
		Deployment: plan.Deployment{
			Repository: "acme/deployment", Branch: "main",
			Files: []plan.File{{Path: "values.yaml", Edits: []plan.Edit{{Component: "core", Expressions: []string{`.core.tag = "1"`}}}}},
		},
	}
}

// TestIDIsOfWhatABumpDoes: a lost answer is looked for by it, so equal work has one id, and other work another one.
func TestIDIsOfWhatABumpDoes(t *testing.T) {
	first := plain()
	seen := map[string]string{first.ID(): "a release"}
	for name, change := range map[string]func(*bump.Bump){
		"another commit":      func(b *bump.Bump) { b.Source.SHA = older },
		"another repository":  func(b *bump.Bump) { b.Source.Repository = "acme/other" },
		"another environment": func(b *bump.Bump) { b.Environment = "prod" },
		"another branch":      func(b *bump.Bump) { b.Deployment.Branch = "next" },
		"another deployment":  func(b *bump.Bump) { b.Deployment.Repository = "acme/other" },
		"another file":        func(b *bump.Bump) { b.Deployment.Files[0].Path = "other.yaml" },
		"another component":   func(b *bump.Bump) { b.Deployment.Files[0].Edits[0].Component = "web" },
		"another expression":  func(b *bump.Bump) { b.Deployment.Files[0].Edits[0].Expressions[0] = `.core.tag = "2"` },
		"a rollback":          func(b *bump.Bump) { b.Rollback = &bump.Rollback{} },
		"what is rejected":    func(b *bump.Bump) { b.Rollback = &bump.Rollback{Rejected: []bump.Build{{Component: "core"}}} },
		"a hold":              func(b *bump.Bump) { b.Hold = []hold.Hold{{Component: "core"}} },
		"its reason":          func(b *bump.Bump) { b.Hold = []hold.Hold{{Component: "core", Reason: "login fails"}} },
		"a lift":              func(b *bump.Bump) { b.Lift = []component.Name{"core"} },
	} {
		b := plain()
		change(&b)
		if other, known := seen[b.ID()]; known {
			t.Errorf("%s has the id of %s", name, other)
		}
		seen[b.ID()] = name
	}
	for name, change := range map[string]func(*bump.Bump){
		"the run":      func(b *bump.Bump) { b.RunURL = "https://github.com/acme/shop/actions/runs/2" },
		"its time":     func(b *bump.Bump) { b.Source.Time = time.Unix(1, 0) },
		"a force":      func(b *bump.Bump) { b.Force = true },
		"former names": func(b *bump.Bump) { b.Formerly = []string{"store"} },
	} {
		b := plain()
		if change(&b); b.ID() != first.ID() {
			t.Errorf("%s changes the id", name)
		}
	}
}
