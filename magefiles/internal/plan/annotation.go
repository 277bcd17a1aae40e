package plan

// RevisionLabel is the image label that holds the commit an image was built from (OCI image specification, "Pre-Defined
// Annotation Keys").
const RevisionLabel = "org.opencontainers.image.revision"
