package yamledit_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/mikefarah/yq/v4/pkg/yqlib"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit"
)

// sample is a values file of at least size bytes, in the manner of Helm charts.
func sample(size int) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "# Service %[1]d and its image\nservice%[1]d:\n  enabled: true\n  replicas: %[2]d\n  image:\n"+
			"    repository: ghcr.io/acme/service-%[1]d # where it is\n    tag: \"service-%[1]d-stage-a1b2c3d4\"\n    pullPolicy: IfNotPresent\n"+
			"  env:\n    - name: LOG_LEVEL\n      value: info\n    - name: 이름\n      value: '서비스 %[1]d'\n"+
			"  resources: {limits: {cpu: 500m, memory: 512Mi}, requests: {cpu: 100m, memory: 128Mi}}\n\n", i, i%5)
	}
	return b.Bytes()
}

// loads returns the inputs on which Apply and yq itself are measured.
func loads() []struct {
	name        string
	doc         []byte
	expressions []string
} {
	one := []string{`.service1.image.tag = "service-1-stage-ffffffff"`}
	var many []string
	for i := range 500 {
		many = append(many, fmt.Sprintf(`.service%d.image.tag = "service-%d-stage-ffffffff"`, i, i))
	}
	return []struct {
		name        string
		doc         []byte
		expressions []string
	}{
		{"1KB", sample(1 << 10), one},
		{"100KB", sample(100 << 10), one},
		{"10MB", sample(10 << 20), one},
		{"500keys", sample(300 << 10), many},
	}
}

func BenchmarkApply(b *testing.B) {
	for _, load := range loads() {
		b.Run(load.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(load.doc)))
			for b.Loop() {
				edit, err := yamledit.Apply(load.doc, load.expressions...)
				if err != nil || len(edit.Changes) != len(load.expressions) {
					b.Fatalf("%+v, %v", edit, err)
				}
			}
		})
	}
}

// BenchmarkYq is yq evaluating and writing the same, in one run of one expression.
func BenchmarkYq(b *testing.B) {
	for _, load := range loads() {
		b.Run(load.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(load.doc)))
			for b.Loop() {
				prefs := yqlib.NewDefaultYamlPreferences()
				text, err := yqlib.NewStringEvaluator().Evaluate(strings.Join(load.expressions, " | "), string(load.doc),
					yqlib.NewYamlEncoder(prefs), yqlib.NewYamlDecoder(prefs))
				if err != nil || text == "" {
					b.Fatal(err)
				}
			}
		})
	}
}
