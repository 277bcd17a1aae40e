package targets_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// TestRollbackToImagesOfAnotherRegistry goes back to a state of before astrago-ci, whose image this registry does not have, or does
// not show: only by -force, which the commit and the report say, and over both APIs.
func TestRollbackToImagesOfAnotherRegistry(t *testing.T) {
	t.Parallel()
	for _, api := range []string{"graphql", "rest"} {
		for name, answer := range map[string]registry.Fault{
			"not there": nil,
			"denied":    registry.Answer(http.StatusForbidden, nil, "DENIED", "not yours"),
		} {
			t.Run(api+"/"+name, func(t *testing.T) {
				a := newWorld(t).application("frontend")
				a.replace("astrago.yaml", "      file:", "      api: "+api+"\n      file:")
				const old = "2019.3-hand-made"
				a.put(map[string]string{example.ValuesPath: strings.Replace(a.initial(), "frontend-stage-00000000", old, 1)})
				a.commit("released")
				a.succeed("release", "-force")
				ours := stageTag(a.shortSHA())
				if answer != nil {
					a.registry.Inject(registry.On(http.MethodHead, registry.Manifest, func(w http.ResponseWriter, r *http.Request, request registry.Request) bool {
						return request.Target == old && answer(w, r, request)
					}))
				}
				before := a.log()
				words := []string{old, "another registry", "add -force"}
				a.refuse(3, words, "rollback", "-env=stage")
				a.refuse(3, words, "rollback", "-env=stage", "-dryRun")
				a.succeed("rollback", "-env=stage", "-force", "-dryRun").says(t, old+" is not looked at")
				a.wantTags(example.ValuesPath, ours)
				if got := a.log(); len(got) != len(before) {
					t.Errorf("history %q", got)
				}
				got := a.succeed("rollback", "-env=stage", "-force", "-reason=login fails", "-json")
				got.says(t, "warning: -force:", old+" is not looked at: ")
				a.wantTags(example.ValuesPath, old)
				if text := a.message(); !strings.Contains(text, " (forced)\n") || !strings.Contains(text, "Astrago-Forced: image frontend\n") || strings.Contains(text, "Astrago-Image:") {
					t.Errorf("the commit says\n%s", text)
				}
				var report struct {
					Images []struct{ Component, Digest, State, Why string }
				}
				a.must(json.Unmarshal([]byte(got.stdout), &report))
				if len(report.Images) != 1 || report.Images[0].State != "not seen" || report.Images[0].Digest != "" || report.Images[0].Why == "" {
					t.Errorf("the report says %+v", report.Images)
				}
				a.registry.Heal()
				a.refuse(3, []string{"this is the rejected build", "login fails"}, "release", "-env=stage")
			})
		}
	}
}
