package targets_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
)

// TestMessageRule meets a rule that wants a ticket in every commit's message: the remedy in the refusal is all that it takes, for
// every command that commits, and what follows finds the commits as ever.
func TestMessageRule(t *testing.T) {
	t.Parallel()
	for _, api := range []string{"graphql", "rest"} {
		t.Run(api, func(t *testing.T) {
			a := newWorld(t).withProd("frontend", "")
			a.replace("astrago.yaml", "      file:", "      unchanged: keep\n      api: "+api+"\n      file:")
			a.commit("keep what is the same")
			a.must(a.github.RequireMessage(example.Deployment, example.Branch, `^OPS-1 [a-z]+\(`))
			a.refuse(3, []string{"a rule wants another commit message", "message: 'TEAM-1 {{ .Headline }}'"}, "release")

			a.replace("astrago.yaml", "      file:", "      message: 'OPS-1 {{ .Headline }}'\n      file:")
			a.commit("name the ticket")
			first := "frontend " + a.shortSHA()
			if plan := a.succeed("plan").stdout; !strings.Contains(plan, "commit message: OPS-1 deploy(stage): "+first) {
				t.Errorf("the plan does not say how the commit is worded:\n%s", plan)
			}
			a.succeed("release", "-dryRun").says(t, "commit message: OPS-1 deploy(stage): "+first)
			a.succeed("release")
			a.wantMessage("OPS-1 deploy(stage): "+first, "Astrago-Source: acme/frontend@", "Astrago-Image: frontend ")
			a.succeed("release").says(t, "nothing to do")

			second := a.next("second")
			third := a.document("a typo")
			a.succeed("release", "-dryRun").says(t, "commit message: OPS-1 keep(stage): frontend "+third)
			a.succeed("release")
			a.wantMessage("OPS-1 keep(stage): frontend "+third, "Astrago-Kept: frontend frontend-stage-"+second)
			a.succeed("promote", "-env=prod", "-dryRun").says(t, "commit message: OPS-1 deploy(prod): frontend "+third+" from stage")
			a.succeed("promote", "-env=prod")
			a.wantMessage("OPS-1 deploy(prod): frontend "+third+" from stage", "Astrago-Promoted: stage ")
			a.succeed("rollback", "-env=stage", "-reason=login fails", "-dryRun").says(t, "commit message: OPS-1 rollback(stage): "+"frontend to ")
			a.succeed("rollback", "-env=stage", "-reason=login fails")
			a.wantMessage("OPS-1 rollback(stage): frontend to "+strings.TrimPrefix(first, "frontend "), "Astrago-Rollback: frontend frontend-stage-"+second)
			a.refuse(3, []string{"frontend", "login fails"}, "release")
			a.succeed("hold", "-env=stage", "-lift")
			a.wantMessage("OPS-1 lift(stage): frontend", "Astrago-Lifted: frontend")
			a.succeed("hold", "-env=stage", "-reason=audit")
			a.wantMessage("OPS-1 hold(stage): frontend", "Astrago-Hold: frontend until lift")
			if s := a.status("-env=stage").Environments[0].Deployments[0].Components[0]; s.Source == nil || len(s.Drift) > 0 {
				t.Errorf("status says %+v", s)
			}
		})
	}
}
