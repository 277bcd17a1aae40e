package targets_test

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// TestPromoteToAnotherRegistry copies what stage has to the registry of prod, with a password of its own there, and finds it there
// when it is asked again, waits for it and rolls back to it.
func TestPromoteToAnotherRegistry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	live, err := registry.Start(registry.Options{})
	w.must(err)
	t.Cleanup(func() { w.must(live.Close()) })
	password := "live-" + rand.Text()
	live.AddUser("robot$live+ci", password, registry.Grant{Repository: "live/*", Push: true})
	suffix := strings.ToUpper(strings.NewReplacer(".", "_", ":", "_").Replace(live.Addr()))
	w.environ = append(w.environ, "REGISTRY_TOKEN_"+suffix+"="+password, "REGISTRY_USER_"+suffix+"=robot$live+ci")
	a := w.withProd("backend", "    image: '"+live.Addr()+"/live/{{ .Service }}'\n")
	sha := a.next("first")
	digest := a.digestOf("core")

	a.succeed("promote", "-env=prod", "-dryRun").says(t, "dry run", "+ core-prod-"+sha)
	if got := live.Count("PUT", ""); got > 0 {
		t.Errorf("the dry run has put %d things", got)
	}
	a.succeed("promote", "-env=prod").says(t, "backend is promoted from stage to prod", " copied")
	a.wantTags(prodPath, "core-prod-"+sha, "batch-prod-"+sha, "monitor-prod-"+sha, "frontend-prod-00000000")
	a.wantMessage("Astrago-Image: core " + live.Addr() + "/live/backend@" + digest)
	if strings.Contains(a.file(prodPath), password) || strings.Contains(a.message(), password) || digest == "" {
		t.Errorf("the password shows, or stage has no image: %q", digest)
	}
	sent := live.Count("PUT", registry.Upload)
	a.succeed("promote", "-env=prod").says(t, "nothing to do")
	if got := live.Count("PUT", registry.Upload); got != sent {
		t.Errorf("%d blobs were sent again", got-sent)
	}
	second := a.next("second")
	a.succeed("promote", "-env=prod")
	a.wantTags(prodPath, "core-prod-"+second, "batch-prod-"+second, "monitor-prod-"+second, "frontend-prod-00000000")
	a.succeed("rollback", "-env=prod", "-reason=slow")
	a.wantTags(prodPath, "core-prod-"+sha, "batch-prod-"+sha, "monitor-prod-"+sha, "frontend-prod-00000000")
}
