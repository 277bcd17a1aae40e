package argocd_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/argocd"
)

// TestApplicationsHaveArgoCDsShape reads what a real Argo CD 3.5.3 answered, less the history and what no client decides
// on, and writes it again: a field with another name or type would be lost or added.
func TestApplicationsHaveArgoCDsShape(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, error %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var a argocd.Application
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&a); err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		written, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := sorted(t, written), sorted(t, data); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", file, got, want)
		}
	}
}

// TestScenariosHaveArgoCDsShape holds the keys of states that the scenarios make against those that were answered.
func TestScenariosHaveArgoCDsShape(t *testing.T) {
	const revision = "54c13ecfdb816dd5b831f7f84cf3a108f67ef138"
	source := []argocd.Source{{RepoURL: "https://github.com/acme/deployment.git", Path: "plain", TargetRevision: "main"}}
	for file, steps := range map[string][]argocd.Step{
		"refresh.json":             {argocd.Found(revision)},
		"broken-yaml-after.json":   {argocd.Unrendered("Failed to load target state")},
		"apply-refused-after.json": {argocd.Found(revision), argocd.Started(), argocd.Retried(2, "is invalid")},
		"healthy-again.json":       argocd.Rollout([]string{"registry.example/d:4"}, revision),
		"several-sources.json":     {argocd.Same(revision, revision)},
	} {
		sources := source
		if file == "several-sources.json" {
			sources = append(sources, source[0])
		}
		a := argocd.New("rel", sources, revision, revision)
		a.Metadata.Namespace = "argocd"
		argocd.Then(steps...)(&a)
		data, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		made, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		for path := range paths(t, data) {
			if !paths(t, made)[path] && !incidental(path) {
				t.Errorf("%s has %s, the scenario has not", file, path)
			}
		}
	}
}

// incidental are keys that depend on what the measured application was made of.
func incidental(path string) bool {
	for _, part := range []string{".prune", ".health", ".requiresPruning", ".resources.[].status", ".autoHealAttemptsCount", ".sync.resources", "finishedAt", ".images", ".selfHeal"} {
		if strings.Contains(path, part) {
			return true
		}
	}
	return false
}

// paths are those of all keys in a document; every item of a list is one.
func paths(t *testing.T, data []byte) map[string]bool {
	t.Helper()
	var document any
	if err := json.Unmarshal(data, &document); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	var walk func(string, any)
	walk = func(path string, value any) {
		switch value := value.(type) {
		case map[string]any:
			for key, child := range value {
				found[path+"."+key] = true
				walk(path+"."+key, child)
			}
		case []any:
			for _, child := range value {
				walk(path+".[]", child)
			}
		}
	}
	walk("", document)
	return found
}

func sorted(t *testing.T, data []byte) string {
	t.Helper()
	var document any
	if err := json.Unmarshal(data, &document); err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(document, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestRefusals has Argo CD's own words for what a token may not.
func TestRefusals(t *testing.T) {
	server := argocd.Start(argocd.Options{})
	defer server.Close()
	server.Allow("a.good.token", "default")
	server.Allow("an.old.token", "default")
	server.Expire("an.old.token")
	server.Create(argocd.New("plain", []argocd.Source{{}}, "x"), nil)
	for _, test := range []struct {
		path, authorization string
		status              int
		body                string
	}{
		{"plain", "", 401, `{"code":16,"error":"no session information","message":"no session information"}`},
		{"plain", "bearer a.good.token", 401, `{"code":16,"error":"no session information","message":"no session information"}`},
		{"plain", "Bearer a.bad.token", 401, `"invalid session: token signature is invalid: signature is invalid"`},
		{"plain", "Bearer an.old.token", 401, `"invalid session: token has invalid claims: token is expired"`},
		{"nope", "Bearer a.good.token", 403, `{"code":7,"error":"permission denied","message":"permission denied"}`},
		{"nope?project=default", "Bearer a.good.token", 404, `"applications.argoproj.io \"nope\" not found"`},
		{"plain?project=other", "Bearer a.good.token", 403, `"permission denied"`},
		{"plain?appNamespace=other", "Bearer a.good.token", 403, `"permission denied"`},
		{"plain", "Bearer a.good.token", 200, `"name":"plain"`},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL()+"/api/v1/applications/"+test.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", test.authorization)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		var body bytes.Buffer
		_, err = body.ReadFrom(response.Body)
		_ = response.Body.Close()
		if err != nil || response.StatusCode != test.status || !strings.Contains(body.String(), test.body) {
			t.Errorf("%s with %q: %d %s, error %v", test.path, test.authorization, response.StatusCode, body.String(), err)
		}
	}
}
