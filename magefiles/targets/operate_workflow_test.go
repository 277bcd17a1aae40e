package targets_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// before has a commit made in the deployment repository once a job has begun, after those that it needs: that is when a run has waited
// for its approval.
func (w *workflow) before(job, from, to string) {
	w.t.Helper()
	clone := filepath.Join(w.t.TempDir(), "clone")
	script := strings.Join([]string{
		"#!/bin/sh", "set -e", "rm -- \"$0\"", "git clone -q -b " + example.Branch + " '" + w.bare + "' '" + clone + "'", "cd '" + clone + "'",
		"sed -i 's/" + from + "/" + to + "/' " + example.ValuesPath, "git -c user.name=Park -c user.email=park@example.com commit -qam 'by hand'", "git push -q", "",
	}, "\n")
	w.must(os.WriteFile(filepath.Join(w.stand, "before-"+job), []byte(script), 0o755))
}

// TestOperateWorkflow rolls back from GitHub's pages: what has changed while a run waited for its approval is refused, and the
// next one goes back, in the name of the person that has started it. The template is the one that init writes, but for `queue`, which
// act does not know.
func TestOperateWorkflow(t *testing.T) {
	t.Parallel()
	w := newWorkflow(t, "frontend", "")
	const file = ".github/workflows/operate.yml"
	template := readFile(t, filepath.Join("..", "..", "templates", "generic", file))
	w.write(file, queueLine.ReplaceAllString(template, ""))
	w.again("frontend", "operate from GitHub")
	reader := "reader-" + w.deployToken
	w.github.Grant(reader, example.Deployment, github.Permissions{Contents: github.Read})
	w.secrets = map[string]string{"DEPLOY_READ_TOKEN": reader}
	first, second := w.next("first"), w.next("second")

	rollback := []string{"-W", file, "--env", "GITHUB_TRIGGERING_ACTOR=kim", "--input", "action=rollback", "--input", "environment=stage", "--input", "reason=login fails; $(id)"}
	shown := w.run("workflow_dispatch", append(rollback, "--input", "dry-run=true")...)
	if !strings.Contains(shown, "dry run: frontend in stage can be rolled back") || strings.Contains(shown, "rolled back in ") {
		t.Errorf("the preview shows\n%s", shown)
	}
	w.wantTags(example.ValuesPath, stageTag(second))

	w.before("apply", stageTag(second), stageTag(first)) // a colleague was faster
	refused, err := w.try("workflow_dispatch", rollback...)
	if err == nil || !strings.Contains(refused, "something has changed since the dry run that was approved") {
		t.Errorf("what has changed meanwhile is not refused, %v:\n%s", err, refused)
	}
	if !strings.HasPrefix(w.message(), "by hand") {
		t.Errorf("the refused run has committed\n%s", w.message())
	}
	w.put(map[string]string{example.ValuesPath: strings.ReplaceAll(w.values(), stageTag(first), stageTag(second))})

	done := w.run("workflow_dispatch", rollback...)
	w.wantTags(example.ValuesPath, stageTag(first))
	w.wantMessage("rollback(stage): frontend to "+first, "Astrago-Actor: kim", "Astrago-Reason: login fails; $(id)", "Astrago-Hold: frontend until newer")
	for _, secret := range []string{w.registryToken, w.deployToken, reader} {
		if strings.Contains(shown+refused+done, secret) {
			t.Error("a token shows")
		}
	}
	w.run("workflow_dispatch", "-W", file, "--input", "action=status", "--input", "environment=stage")
	if asked := readFile(t, w.asked); !strings.Contains(asked, "upload-artifact name=status path=.astrago/status.html") {
		t.Errorf("the page of status is not kept:\n%s", asked)
	}
}
