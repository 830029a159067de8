package main

import (
	"reflect"
	"sort"

	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsv1beta1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1beta1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	apiregistrationv1beta1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1beta1"
)

const deleteOptions = "DeleteOptions"

// A kind of which a client may send an object, and its Go type.
type bodyKind struct {
	schema.GroupVersionKind
	goType reflect.Type
}

// knownTypes has the kinds of all groups that an API server has built in.
func knownTypes() *runtime.Scheme {
	known := scheme.Scheme
	for _, add := range []func(*runtime.Scheme) error{
		apiextensionsv1.AddToScheme,
		apiextensionsv1beta1.AddToScheme,
		apiregistrationv1.AddToScheme,
		apiregistrationv1beta1.AddToScheme,
	} {
		if err := add(known); err != nil {
			panic(err)
		}
	}
	return known
}

// bodyKinds lists the kinds that may be a request's body: no lists, no Status, no options of a query.
// DeleteOptions are of every group version, and stand here once.
func bodyKinds() []bodyKind {
	var kinds []bodyKind
	for gvk, goType := range knownTypes().AllKnownTypes() {
		if gvk.Kind == deleteOptions && gvk.GroupVersion() != corev1.SchemeGroupVersion {
			continue
		}
		if gvk.Version != runtime.APIVersionInternal && isBody(goType) {
			kinds = append(kinds, bodyKind{gvk, goType})
		}
	}
	sort.Slice(kinds, func(i, j int) bool { return kinds[i].String() < kinds[j].String() })
	return kinds
}

func isBody(goType reflect.Type) bool {
	if goType.Name() == deleteOptions {
		return true
	}
	metadata, ok := goType.FieldByName("ObjectMeta")
	return ok && metadata.Type == reflect.TypeFor[metav1.ObjectMeta]()
}
