package targets_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
)

// places are files that a row of the table of `set` is for, by words of its first column; TAG and DIGEST are what is
// set.
var places = map[string]string{
	"Helm values |":             "frontend:\n  image: {tag: \"TAG\", pullPolicy: Always}   # 주석\n",
	"Helm values with a digest": "frontend:\n  image:\n    tag: TAG\n    digest: DIGEST\n",
	"one value for all":         "frontend:\n  image: REPOSITORY:TAG@DIGEST\n",
	"kustomization.yaml":        "images:\n- name: other\n  newTag: \"1\"\n- name: frontend\n  newTag: TAG\n  digest: DIGEST\n",
	"Chart.yaml":                "apiVersion: v2\nname: shop\nversion: 1.2.3\nappVersion: \"TAG\"\n",
	"JSON":                      "{\n\t\"url\": \"http:\\/\\/a\",\n\t\"frontend\": {\"tag\": \"TAG\", \"icon\": \"\\ud83d\\ude80\"}\n}\n",
	"helm.parameters":           "spec:\n  source:\n    helm:\n      parameters:\n        - {name: x, value: y}\n        - {name: frontend.tag, value: TAG}\n",
	"helm.valuesObject":         "spec: {source: {helm: {valuesObject: {frontend: {tag: TAG}}}}}\n",
	"helm.values: \\|":          "spec:\n  source:\n    helm:\n      values: |\n        # kept\n        frontend:   {tag: TAG}\n        other: [1,   2]\n",
}

// TestReadmeTableOfSet deploys by every row of the table of `set`, and reads back what it has set.
func TestReadmeTableOfSet(t *testing.T) {
	t.Parallel()
	_, table, _ := strings.Cut(guide(t, configurationPage), "| where the tag stands |")
	table, _, _ = strings.Cut(table, "\n\n")
	rows := strings.Split(strings.TrimSpace(table), "\n")[2:]
	if len(rows) != len(places) {
		t.Errorf("%d rows, and %d files to try them on", len(rows), len(places))
	}
	for i, row := range rows {
		api := []string{"graphql", "rest"}[i%2]
		found := ""
		for words, content := range places {
			if strings.Contains(row, words) {
				found = content
			}
		}
		t.Run(strings.Trim(row[:20], "| "), func(t *testing.T) {
			if found == "" {
				t.Fatalf("no file is for %s", row)
			}
			set, _, _ := strings.Cut(row[strings.LastIndex(row, "| `")+3:], "`")
			set = strings.ReplaceAll(set, `\|`, "|")
			a := newWorld(t).application("frontend")
			a.setTo(set)
			a.replace("astrago.yaml", "      file:", "      api: "+api+"\n      file:")
			a.commit("another place")
			file := func(tag, digest string) string {
				return strings.NewReplacer("TAG", tag, "DIGEST", digest, "REPOSITORY", a.registry.Addr()+"/acme/frontend").Replace(found)
			}
			a.put(map[string]string{example.ValuesPath: file("frontend-stage-00000000", "sha256:"+strings.Repeat("a", 64))})
			digest := a.releasedDigest()
			if got, want := a.values(), file("frontend-stage-"+a.shortSHA(), digest); got != want {
				t.Errorf("the file is\n%s\nwant\n%s", got, want)
			}
			if status := a.succeed("status"); !strings.Contains(status.stdout, "frontend-stage-"+a.shortSHA()) || strings.Contains(status.stdout, "by hand") {
				t.Errorf("status:\n%s", status.stdout)
			}
		})
	}
}
