package yamledit_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit"
)

const application = `spec:
  source:
    helm:
      values: |
        # the tags
        core:   {tag: core-1}   # set by the pipeline

        database:
            password: hunter2
        batch:
          tag: 'batch-1'
      other: x
`

func TestYAMLInABlockIsEditedWhereItStands(t *testing.T) {
	const expression = `.spec.source.helm.values |= (from_yaml | .core.tag = "core-2" | .batch.tag = "batch-2" | to_yaml)`
	edit, err := yamledit.Apply([]byte(application), expression)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.NewReplacer("core-1", "core-2", "batch-1", "batch-2").Replace(application)
	if string(edit.Bytes) != want {
		t.Errorf("got:\n%s", edit.Bytes)
	}
	if len(edit.Changes) != 1 || edit.Changes[0].Path != "spec.source.helm.values" {
		t.Errorf("changes %+v", edit.Changes)
	}
	again, err := yamledit.Apply(edit.Bytes, expression)
	if err != nil || len(again.Changes) != 0 || len(again.Targets) != 1 {
		t.Errorf("the second run: %+v, %v", again, err)
	}
	crlf := strings.ReplaceAll(application, "\n", "\r\n")
	if edit, err = yamledit.Apply([]byte(crlf), expression); err != nil || string(edit.Bytes) != strings.ReplaceAll(want, "\n", "\r\n") {
		t.Errorf("CRLF: %v\n%+v", err, edit)
	}
}

// What cannot be edited within the block is refused, with the place of the mistake, the other way to write it, and no word
// of what stands beside.
func TestYAMLInABlockIsRefused(t *testing.T) {
	for expression, says := range map[string]string{
		`.spec.source.helm.values |= (from_yaml | .gone.tag = "x" | to_yaml)`:       ".gone.tag: the file has no such key",
		`.spec.source.helm.values |= (from_yaml | .core.tag = "" | to_yaml)`:        "the new value is empty",
		`.spec.source.helm.values |= (from_yaml | del(.database) | to_yaml)`:        "would be deleted",
		`.spec.source.helm.values |= "a\nb: ["`:                                     "helm.valuesObject",
		`.spec.source.helm.other |= "a: b\nc: d"`:                                   "a line break",
		`.spec.source.helm.values |= (from_yaml | .core.tag = "a\nb" | to_yaml(2))`: "a line break",
	} {
		_, err := yamledit.Apply([]byte(application), expression)
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v", expression, err)
		}
	}
	folded := strings.Replace(application, "values: |", "values: >", 1)
	_, err := yamledit.Apply([]byte(folded), `.spec.source.helm.values |= sub("core-1", "core-2") + "b: c\n"`)
	if err == nil || !strings.Contains(err.Error(), "helm.valuesObject, or helm.parameters") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("folded: %v", err)
	}
}
