package targets_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// commands are the workflow commands of one name in a log.
func commands(log, name string) (found []string) {
	for line := range strings.Lines(log) {
		if strings.HasPrefix(line, "::"+name+" ") || strings.HasPrefix(line, "::"+name+"::") {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

// TestChecksInAWorkflow has every build check once as an annotation, and with -lint as an error.
func TestChecksInAWorkflow(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	a.env = []string{"GITHUB_ACTIONS=true"}
	a.replace("docker/batch/Dockerfile", "FROM ", "from ")
	a.replace("astrago.yaml", "docker/monitor/Dockerfile", "docker/batch/Dockerfile")
	warnings := commands(a.succeed("build").stderr, "warning")
	const place, rule = " file=docker/batch/Dockerfile,line=2,title=", "ConsistentInstructionCasing"
	if got := strings.Count(strings.Join(warnings, "\n"), place+rule+"::Command 'from'"); got != 1 {
		t.Errorf("%d annotations of the rule in %q", got, warnings)
	}
	if slices.Sort(warnings); len(slices.Compact(warnings)) != len(warnings) {
		t.Errorf("annotations are not once each: %q", warnings)
	}
	log := a.refuse(1, []string{"https://docs.docker.com/"}, "build", "-lint").stderr
	errors := commands(log, "error")
	if len(errors) != len(warnings) || len(commands(log, "warning")) > 0 || !strings.Contains(strings.Join(errors, "\n"), rule+": Command 'from'") {
		t.Errorf("errors %q, warnings %q", errors, commands(log, "warning"))
	}
}

func TestAnErrorIsOneAnnotation(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	a.env = []string{"GITHUB_ACTIONS=true"}
	a.replace("docker/batch/Dockerfile", `RUN write /app/started.txt "batch starts here"`, "RUN warn ::error::no such luck && exit 42")
	log := a.refuse(1, []string{".astrago/logs/batch.log"}, "build").stderr
	found := commands(log, "error")
	if len(found) != 1 || !strings.HasPrefix(found[0], "::error file=docker/batch/Dockerfile,line=4,title=build failed::") {
		t.Errorf("annotations %q", found)
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	a.refuse(2, []string{`unknown mode "fancy"`, "plain"}, "build", "-progress=fancy")
	a.refuse(2, []string{"not a terminal"}, "build", "-progress=tty")
	components := map[string]bool{}
	for line := range strings.Lines(a.succeed("build", "-progress=rawjson").stderr) {
		if !strings.HasPrefix(line, `{"component":`) {
			continue
		}
		var message struct{ Component string }
		if err := json.Unmarshal([]byte(line), &message); err != nil {
			t.Errorf("%v: %s", err, line)
		}
		components[message.Component] = true
	}
	if len(components) != 3 {
		t.Errorf("messages of %v", components)
	}
	if log := a.succeed("build", "-progress=github", "-rebuild").stderr; !strings.Contains(log, "\n::endgroup::\n") {
		t.Errorf("nothing is folded:\n%s", log)
	}
}
