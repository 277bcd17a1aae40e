package report_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

// TestPlanJSONTellsHowAWorkflowSignsIn to each application, where that is not by a token.
func TestPlanJSONTellsHowAWorkflowSignsIn(t *testing.T) {
	p := sample.Plan()
	p.ArgoCD = []config.ArgoCD{{Application: "a", Auth: config.ArgoCDToken}, {Application: "b", Auth: config.ArgoCDOIDC}, {Application: "c"}}
	var b bytes.Buffer
	if err := report.PlanJSON(&b, p, nil); err != nil {
		t.Fatal(err)
	}
	var document struct {
		ArgoCD     map[string]string
		AlsoArgoCD []map[string]string
	}
	if err := json.Unmarshal(b.Bytes(), &document); err != nil {
		t.Fatal(err)
	}
	_, first := document.ArgoCD["auth"]
	_, last := document.AlsoArgoCD[1]["auth"]
	if first || last || document.AlsoArgoCD[0]["auth"] != "oidc" {
		t.Errorf("%+v", document)
	}
}
