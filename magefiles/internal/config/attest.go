package config

import (
	"go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/config/grammar"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

// Provenance says how much an image's attestation tells of how it was built (SLSA provenance, in BuildKit's two sizes).
type Provenance string

// The sizes.
const (
	ProvenanceMin Provenance = "min"
	ProvenanceMax Provenance = "max" // with the Dockerfile and all build arguments
)

// decodeProvenance decodes true, false, min or max; true is min.
func decodeProvenance(d *yamlschema.Decoder, into *Provenance) yamlschema.Decode {
	return func(v yamlschema.Value) {
		if v.Shape != nil {
			v.Shape.Enum = []any{false, true, ProvenanceMin, ProvenanceMax}
			return
		}
		if isBoolean(v) {
			var on bool
			if d.Bool(&on)(v); on {
				*into = ProvenanceMin
			}
			return
		}
		yamlschema.Choice(d, into, ProvenanceMin, ProvenanceMax)(v)
	}
}

// decodeSBOM decodes true, false or the image of a generator.
func decodeSBOM(d *yamlschema.Decoder, into *string) yamlschema.Decode {
	return func(v yamlschema.Value) {
		if isBoolean(v) {
			var on bool
			if d.Bool(&on)(v); on {
				*into = "true"
			}
			return
		}
		d.String(into, grammar.ImageReference)(v)
		if v.Shape != nil {
			v.Shape.Type = []string{"boolean", "string"}
		}
	}
}

func isBoolean(v yamlschema.Value) bool { return v.Kind == yaml.ScalarNode && v.ShortTag() == "!!bool" }
