// Command protobuf writes, as JSON, what lib/protobuf has to know of the kinds of Kubernetes, and
// objects that its tests read.
//
//	go run . table
//	go run . vectors
package main

import (
	"encoding/json"
	"log"
	"os"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("give table or vectors")
	}
	var value any
	switch os.Args[1] {
	case "table":
		value = makeTable(bodyKinds())
	case "vectors":
		value = makeVectors(bodyKinds())
	default:
		log.Fatalf("there is no %q: give table or vectors", os.Args[1])
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	if err := out.Encode(value); err != nil {
		log.Fatal(err)
	}
}
