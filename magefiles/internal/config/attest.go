package config

import (
	"go.yaml.in/yaml/v4"
)

// Provenance says how much an image's attestation tells of how it was built (SLSA provenance, in BuildKit's two sizes).
type Provenance string

// The sizes.
const (
	ProvenanceMin Provenance = "min"
	ProvenanceMax Provenance = "max" // with the Dockerfile and all build arguments
)

// provenance decodes true, false, min or max; true is min.
func (d *decoder) provenance(into *Provenance) decode {
	return func(v value) {
		if v.shape != nil {
			v.shape.Enum = []any{false, true, ProvenanceMin, ProvenanceMax}
			return
		}
		if isBoolean(v) {
			var on bool
			if d.boolean(&on)(v); on {
				*into = ProvenanceMin
			}
			return
		}
		choice(d, into, ProvenanceMin, ProvenanceMax)(v)
	}
}

// sbom decodes true, false or the image of a generator.
func (d *decoder) sbom(into *string) decode {
	return func(v value) {
		if isBoolean(v) {
			var on bool
			if d.boolean(&on)(v); on {
				*into = "true"
			}
			return
		}
		d.str(into, imageReference)(v)
		if v.shape != nil {
			v.shape.Type = []string{"boolean", "string"}
		}
	}
}

func isBoolean(v value) bool { return v.Kind == yaml.ScalarNode && v.ShortTag() == "!!bool" }
