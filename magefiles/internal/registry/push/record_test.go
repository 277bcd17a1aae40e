package push

import (
	"bytes"
	"encoding/json"
	"maps"
	"testing"
	"testing/quick"
)

// TestAnnotationsAreAllThatChanges of a manifest, numbers that do not fit into a float among the rest.
func TestAnnotationsAreAllThatChanges(t *testing.T) {
	const manifest = `{"schemaVersion":2,"size":9007199254740993,"annotations":{"kept":"yes","moved":"old"},"layers":[{"x":1}]}`
	got, err := withAnnotations([]byte(manifest), map[string]string{"moved": "new", "added": "<&>"})
	if err != nil {
		t.Fatal(err)
	}
	var before, after map[string]json.RawMessage
	var annotations map[string]string
	for from, into := range map[string]*map[string]json.RawMessage{manifest: &before, string(got): &after} {
		if err := json.Unmarshal([]byte(from), into); err != nil {
			t.Fatal(err)
		}
	}
	if err := json.Unmarshal(after["annotations"], &annotations); err != nil {
		t.Fatal(err)
	}
	if want := map[string]string{"kept": "yes", "moved": "new", "added": "<&>"}; !maps.Equal(annotations, want) {
		t.Errorf("annotations %q, want %q", annotations, want)
	}
	delete(before, "annotations")
	delete(after, "annotations")
	if !maps.EqualFunc(before, after, func(a, b json.RawMessage) bool { return string(a) == string(b) }) {
		t.Errorf("before %s, after %s", before, after)
	}
	for _, document := range []string{`{}`, `{"annotations":null}`, `{"annotations":{}}`} {
		if got, err := withAnnotations([]byte(document), map[string]string{"a": "b"}); err != nil || string(got) != `{"annotations":{"a":"b"}}` {
			t.Errorf("%s becomes %s, %v", document, got, err)
		}
	}
	for _, document := range []string{`[]`, `{"annotations":[]}`, `<html>`} {
		if _, err := withAnnotations([]byte(document), nil); err == nil {
			t.Errorf("%s is a manifest", document)
		}
	}
}

// TestAnnotatingTwiceIsAnnotatingOnce, so that repetitions of a run put the same record.
func TestAnnotatingTwiceIsAnnotatingOnce(t *testing.T) {
	property := func(annotations map[string]string) bool {
		once, err := withAnnotations([]byte(`{"schemaVersion":2}`), annotations)
		if err != nil {
			return false
		}
		twice, err := withAnnotations(once, annotations)
		return err == nil && bytes.Equal(once, twice)
	}
	if err := quick.Check(property, nil); err != nil {
		t.Error(err)
	}
}
