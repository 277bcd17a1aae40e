package plan_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// TestRepositoriesInAnyCase has one deployment repository written in two ways: its branch gets one commit, and is a neighbour's, too.
func TestRepositoriesInAnyCase(t *testing.T) {
	const entries = `      - { repository: Acme/Deploy, branch: main, file: b.yaml, set: SET }
  prod:
    deploy: { repository: ACME/deploy, branch: main, file: a.yaml, set: SET }
`
	cfg := parse(t, strings.ReplaceAll(sharing+entries, "SET", `'.{{ .Component }}.tag = "{{ .Tag }}"'`))
	p, err := plan.New(cfg, commit(), plan.Options{Environment: "dev"})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Deployments) != 1 || len(p.Deployments[0].Files) != 2 {
		t.Fatalf("%+v, want one deployment of two files", p.Deployments)
	}
	if n := p.Deployments[0].Neighbours; len(n) != 1 || n[0].Environment != "prod" || len(n[0].Files) != 1 {
		t.Errorf("neighbours %+v, want prod with its file", n)
	}
}
