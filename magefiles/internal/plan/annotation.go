package plan

// RevisionLabel is the image label that holds the commit an image was built from (OCI image specification, "Pre-Defined
// Annotation Keys").
const RevisionLabel = "org.opencontainers.image.revision"

// Annotations of an image's manifest, or of its index where it has several platforms, by which a later release knows what it
// was built from. Both are hexadecimal SHA-256 sums.
const (
	// SourcesAnnotation sums up what the commit says of an image: its files, Dockerfile and configuration.
	SourcesAnnotation = "com.github.xiilab.astrago-ci.sources"
	// InputsAnnotation sums up the sources and what base images and frontend were at the time.
	InputsAnnotation = "com.github.xiilab.astrago-ci.inputs"
)

// inputsPrefix begins tags that move, and therefore no image's own.
const inputsPrefix = "inputs-"

// InputsTag is the tag under which an image is found by its inputs, beside its own.
func InputsTag(inputs string) string { return inputsPrefix + inputs[:min(40, len(inputs))] }
