package targets_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// onlyReading is the environment of a job without any token that writes, in a workflow run that kim has started again.
func (a *application) onlyReading() []string {
	a.t.Helper()
	reader := "reader-" + a.deployToken
	a.github.Grant(reader, example.Deployment, github.Permissions{Contents: github.Read})
	a.registry.AddUser("reader", reader, registry.Grant{Repository: example.Owner + "/*"})
	return append(a.ofKim(), "DEPLOY_TOKEN=", "DEPLOY_READ_TOKEN="+reader, "GHCR_USER=reader", "GHCR_TOKEN="+reader)
}

func (a *application) ofKim() []string {
	return append(workflowOf("refs/heads/"+example.Branch), "GITHUB_ACTOR=octo", "GITHUB_TRIGGERING_ACTOR=kim", "GITHUB_REPOSITORY=acme/frontend", "GITHUB_RUN_ID=42")
}

// output returns what a step's outputs have under a name.
func (a *application) output(file, name string) string {
	a.t.Helper()
	_, rest, _ := strings.Cut(readFile(a.t, file), "\n"+name+"=")
	value, _, _ := strings.Cut(rest, "\n")
	return value
}

// TestOneJobShowsAndAnotherDoes: what only reads shows all, and what was approved of it is done or nothing, in the name of the person
// that has started the run.
func TestOneJobShowsAndAnotherDoes(t *testing.T) {
	t.Parallel()
	a := newWorld(t).withProd("frontend", "")
	a.write(".github/workflows/night.yml", "jobs:\n  operate:\n    uses: acme/astrago-ci/.github/workflows/operate.yml@v1\n")
	a.commit("operate from GitHub")
	first, second := a.next("first"), a.next("second")
	outputs, summary := filepath.Join(t.TempDir(), "outputs"), filepath.Join(t.TempDir(), "summary")
	preview := func(args ...string) string {
		t.Helper()
		a.must(os.WriteFile(outputs, []byte("\n"), 0o600))
		a.env = append(a.onlyReading(), "GITHUB_OUTPUT="+outputs, "GITHUB_STEP_SUMMARY="+summary)
		a.succeed(append(args, "-dryRun")...)
		a.env = append(a.ofKim(), "GITHUB_RUN_ID=43")
		return a.output(outputs, "fingerprint")
	}
	commits := len(a.log())
	approved := preview("rollback", "-env=stage")
	promoted := preview("promote", "-env=prod")
	preview("hold", "-env=prod", "-reason=closing")
	a.env = a.onlyReading()
	a.refuse(2, []string{"DEPLOY_TOKEN is not set"}, "rollback", "-env=stage", "-reason=x")
	if len(a.log()) != commits || len(approved) != 16 || len(promoted) != 16 || a.output(outputs, "exit") != "0" {
		t.Fatalf("shown were %q and %q, history %q", approved, promoted, a.log())
	}
	for _, want := range []string{"dry run: frontend in stage can be rolled back", "+" + stageTag(first), "dry run: frontend in prod can be held", "actions/workflows/night.yml"} {
		if !strings.Contains(readFile(t, summary), want) {
			t.Errorf("the summary does not say %q:\n%s", want, readFile(t, summary))
		}
	}

	a.env = nil
	third := a.next("third, while the other waits for approval")
	words := []string{"refusing to rollback in stage: something has changed since the dry run that was approved", "status -env=stage", "on GitHub: https://github.com/acme/frontend/actions/workflows/night.yml"}
	a.env = a.ofKim()
	a.refuse(3, words, "rollback", "-env=stage", "-approved="+approved)
	a.refuse(3, []string{"refusing to promote in prod"}, "promote", "-env=prod", "-approved="+promoted)
	a.wantTags(example.ValuesPath, stageTag(third))

	approved = preview("rollback", "-env=stage")
	a.env = append(a.ofKim(), "GITHUB_RUN_ID=44")
	a.succeed("rollback", "-env=stage", "-approved="+approved, "-reason=login fails")
	a.wantTags(example.ValuesPath, stageTag(second))
	a.wantMessage("Astrago-Actor: kim")
	a.succeed("rollback", "-env=stage", "-approved="+approved).says(t, "nothing to do") // the job is run again
	lifted := preview("hold", "-env=stage", "-lift")
	a.env = a.ofKim()
	a.succeed("hold", "-env=stage", "-reason=do not touch")
	a.refuse(3, []string{"refusing to hold in stage: something has changed since the dry run that was approved"}, "hold", "-env=stage", "-lift", "-approved="+lifted)
	if again := preview("hold", "-env=stage", "-lift"); again == lifted || len(lifted) != 16 {
		t.Errorf("one more hold is shown as %q, as before %q", again, lifted)
	}

	a.env = append(a.onlyReading(), "GITHUB_STEP_SUMMARY="+summary)
	if c := a.status("-env=stage").Environments[0].Deployments[0].Components[0]; c.Deployed == nil || c.Deployed.By != "kim" || c.Hold == nil || c.Hold.By != "kim" {
		t.Errorf("status says %+v", c)
	}
	if text := readFile(t, summary); !strings.Contains(text, "## frontend in stage: held") {
		t.Errorf("the summary does not show the status:\n%s", text)
	}
}

// TestARunThatReadsNamesItsOwnToken where GitHub refuses that: a reader mends what the run has, and lets it write nothing.
func TestARunThatReadsNamesItsOwnToken(t *testing.T) {
	t.Parallel()
	a := newWorld(t).withProd("frontend", "")
	a.env = a.onlyReading()
	reader := "reader-" + a.deployToken
	commands := [][]string{{"rollback", "-env=stage", "-dryRun"}, {"hold", "-env=stage"}, {"status"}, {"promote", "-env=prod", "-dryRun"}, {"release", "-env=stage", "-dryRun"}}
	for _, refusal := range []string{"revoked", "of another repository"} {
		a.github.Revoke(reader)
		if refusal != "revoked" {
			a.github.Grant(reader, "acme/other", github.Permissions{Contents: github.Read})
		}
		for _, args := range commands {
			r := a.run(args...)
			told := r.stdout + r.stderr
			if r.code != 1 || !strings.Contains(told, "DEPLOY_READ_TOKEN") || strings.Contains(told, "DEPLOY_TOKEN") || strings.Contains(told, "read and write") {
				t.Errorf("a token that is %s: mage %s ended with %d:\n%s", refusal, strings.Join(args, " "), r.code, told)
			}
		}
	}
}
