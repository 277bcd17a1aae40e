package targets_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestHold freezes by hand, shows and lifts.
func TestHold(t *testing.T) {
	t.Parallel()
	a := newWorld(t).withProd("backend", "")
	sha := a.next("first")
	a.succeed("hold", "-env=prod").says(t, "nothing of backend in prod is held")
	a.env = []string{"GITHUB_ACTOR=kim"}
	a.succeed("hold", "-env=prod", "-reason=year-end closing")
	a.env = nil
	a.wantMessage("hold(prod): backend core, batch, monitor", "Astrago-Reason: year-end closing")
	a.succeed("hold", "-env=prod", "-reason=year-end closing").says(t, "nothing to do")

	shown := a.succeed("hold", "-env=prod")
	for _, word := range []string{"core held in acme/deployment@", "by kim", "until it is lifted: year-end closing"} {
		if !strings.Contains(shown.stdout, word) {
			t.Errorf("it does not show %q:\n%s", word, shown.stdout)
		}
	}
	var report struct {
		Holds []struct{ Component, By, Reason, Commit string }
	}
	a.must(json.Unmarshal([]byte(a.succeed("hold", "-env=prod", "-json").stdout), &report))
	if len(report.Holds) != 3 || report.Holds[1].Component != "batch" || report.Holds[1].By != "kim" || len(report.Holds[1].Commit) != 40 {
		t.Errorf("report %+v", report)
	}

	a.refuse(3, []string{"prod is held", "by kim", "year-end closing", "mage hold -env=prod -only=core,batch,monitor -lift"}, "promote", "-env=prod")
	a.succeed("promote", "-env=prod", "-only=core", "-force")
	a.wantMessage("deploy(prod): backend "+sha+" from stage (forced)", "Astrago-Forced: hold core")
	a.refuse(2, []string{"exclude each other"}, "hold", "-env=prod", "-lift", "-reason=x")
	a.succeed("hold", "-env=prod", "-lift", "-only=batch")
	a.succeed("promote", "-env=prod", "-only=batch")
	a.refuse(3, []string{"monitor is held"}, "promote", "-env=prod")
	a.succeed("hold", "-env=prod", "-lift")
	a.wantMessage("lift(prod): backend core, batch, monitor", "Astrago-Lifted: monitor")
	a.succeed("promote", "-env=prod")
	a.wantTags(prodPath, "core-prod-"+sha, "batch-prod-"+sha, "monitor-prod-"+sha)
}

// TestHoldsThatNobodyCanRead end all at once, or not at all.
func TestHoldsThatNobodyCanRead(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	broken := "holds:\n- {component: batch, until: lift, reason: audit}\n- {component: core, until: Lift}\n"
	a.put(map[string]string{".astrago/holds/stage/backend.yaml": broken})
	words := []string{"reading the hold", `"Lift"`, "mage hold -lift"}
	a.refuse(3, words, "hold", "-env=stage", "-lift", "-only=core")
	a.refuse(3, words, "hold", "-env=stage", "-only=core", "-reason=audit")
	if a.hold() != broken {
		t.Errorf("the file is now\n%s", a.hold())
	}
	a.succeed("hold", "-env=stage", "-lift")
}

// TestOneValueOfTwoEnvironments is held by the holds of both.
func TestOneValueOfTwoEnvironments(t *testing.T) {
	t.Parallel()
	a := newWorld(t).withProd("frontend", "")
	a.replace("astrago.yaml", "environments/prod/", "environments/stage/")
	a.commit("prod has the values of stage")
	a.succeed("hold", "-env=prod", "-reason=year-end closing")
	a.refusedAlike([]string{"prod: frontend is held", "year-end closing", "mage hold -env=prod"}, "release", "-env=stage")
	a.succeed("hold", "-env=prod", "-lift")
	a.succeed("release", "-env=stage")
}
