package targets_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// refusedAlike wants a dry run to be refused like the real one, word for word, and neither to change anything.
func (a *application) refusedAlike(words []string, args ...string) {
	a.t.Helper()
	commits := len(a.log())
	dry := a.refuse(3, words, append(args, "-dryRun")...)
	run := a.refuse(3, words, args...)
	if got, want := saidLast(dry.stderr), saidLast(run.stderr); got != want {
		a.t.Errorf("mage %s: a dry run says\n%s\nthe real one\n%s", strings.Join(args, " "), got, want)
	}
	if len(a.log()) != commits {
		a.t.Errorf("mage %s: something was committed", strings.Join(args, " "))
	}
}

var durations = regexp.MustCompile(`\d+(?:\.\d+)? m?s\b`)

// saidLast is what a failed run says from the failed stage on, without how long that took.
func saidLast(stderr string) string {
	_, text, _ := strings.Cut(stderr, "✗")
	text, _, _ = strings.Cut(text, "report")
	return strings.Join(strings.Fields(durations.ReplaceAllString(text, "")), " ")
}

// TestDryPromotionIsRefusedLikeARealOne has each reason of a promotion to stop.
func TestDryPromotionIsRefusedLikeARealOne(t *testing.T) {
	t.Parallel()
	t.Run("a tag that names another image", func(t *testing.T) {
		a := newWorld(t).withProd("frontend", "")
		sha := a.next("first")
		taken, err := registry.PushBase(t.Context(), a.registry.Addr()+"/acme/frontend:frontend-prod-"+sha, map[string][]byte{"/x": []byte("other")}, "dev", a.registryToken)
		a.must(err)
		a.refusedAlike([]string{"tags name other content", taken, a.digestOf("frontend")}, "promote", "-env=prod")
	})
	t.Run("a token that may not put tags", func(t *testing.T) {
		a := newWorld(t).withProd("frontend", "")
		a.next("first")
		a.registry.AddUser("dev", a.registryToken, registry.Grant{Repository: example.Owner + "/*"})
		commits := len(a.log())
		dry, run := a.run("promote", "-env=prod", "-dryRun"), a.run("promote", "-env=prod")
		if dry.code != run.code || dry.code == 0 || saidLast(dry.stderr) != saidLast(run.stderr) || !strings.Contains(dry.stderr, "checking the right to push to") {
			t.Errorf("a dry run ends with %d\n%s\nthe real one with %d\n%s", dry.code, dry.stderr, run.code, run.stderr)
		}
		if len(a.log()) != commits {
			t.Error("something was committed")
		}
	})
	t.Run("a value of several components", func(t *testing.T) {
		a := newWorld(t).withProd("backend", "")
		text := strings.ReplaceAll(readFile(t, a.dir+"/astrago.yaml"), ".shop.{{ .Component }}.imageTag", ".global.imageTag")
		image := "image: " + a.registry.Addr() + "/acme/backend\n"
		text = strings.Replace(text, image, "tag: '{{ .Environment }}-{{ .ShortSHA }}'\n", 1)
		for _, c := range []string{"core", "batch", "monitor"} {
			text = strings.Replace(text, "  "+c+": { ", "  "+c+": { image: "+a.registry.Addr()+"/acme/backend-"+c+", ", 1)
		}
		a.write("astrago.yaml", text)
		a.commit("one tag for all")
		a.put(map[string]string{example.ValuesPath: "global:\n  imageTag: stage-00000000\n", prodPath: "global:\n  imageTag: prod-00000000\n"})
		sha := a.next("first")
		together := []string{"it is the value of batch and monitor as well", "-only=core,batch,monitor"}
		a.refusedAlike(together, "promote", "-env=prod", "-only=core")
		a.succeed("hold", "-env=prod", "-only=batch", "-reason=not now")
		a.refusedAlike([]string{"batch is held", "not now"}, "promote", "-env=prod")
		a.write("src/core.txt", "second")
		a.commit("second")
		a.succeed("hold", "-env=stage", "-only=monitor", "-reason=not now")
		a.refusedAlike([]string{"monitor is held"}, "release", "-env=stage", "-changedSince=HEAD~1")
		a.refusedAlike(together, "release", "-env=stage", "-only=core")
		a.wantTags(example.ValuesPath, "stage-"+sha)
	})
}
