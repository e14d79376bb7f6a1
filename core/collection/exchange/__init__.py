"""What people labelled, out to other people and programs and back in: image folder, labels.csv, YOLO, COCO."""
